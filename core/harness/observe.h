// SPDX-License-Identifier: MIT
// What user space can tell of a run: what its system calls returned, what its loads read, who runs
// where in the end, and which mms are still there for whom. The same history has to give the same
// under every scheme: how a lazy mm is kept alive is nobody's business but the kernel's.
#pragma once

#include <string>
#include <vector>

#include "core/harness/run.h"

namespace lazymm
{

struct Observed {
	/// One line each, in the order of the operations: "cpu0 membarrier private: 0",
	/// "mm2: in use", "mm3: gone". An mm that nobody uses but that the scheme keeps for a while
	/// (a CPU is lazy on it, a mailbox has it) is gone, too.
	std::vector<std::string> lines;
	unsigned kept = 0; ///< mms that nobody uses and the scheme keeps, at quiescence
};

/// Runs the operations of the schedule in turn (in_turn.h) and notes what is observed. The schedule
/// must be prepared; its decisions and its strategy are left out, its seed gives the order. The
/// result is recorded.
Result run_in_turn(Runner &runner, const Schedule &schedule, Observed &observed);

} // namespace lazymm
