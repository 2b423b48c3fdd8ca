// SPDX-License-Identifier: MIT
// What a run did, as rows that a person reads from top to bottom: operations as they begin, below
// them what the kernel had to say, and where control moved in the middle of an operation, the
// accesses around that place. Internal to reports; how rows are laid out is the picture's matter.
#pragma once

#include "core/harness/run.h"

#include <string>
#include <vector>

namespace lazymm::report
{

struct Row {
	enum class Kind : std::uint8_t {
		step,	 ///< an operation begins or goes on: these are numbered
		event,	 ///< the kernel said something
		access,	 ///< a visible access
		marker,	 ///< control moves
		verdict, ///< the finding
	};
	Kind kind = Kind::step;
	unsigned cpu = 0;
	std::string text;   ///< "switch B"
	std::string remark; ///< of a step: on what it acts, "(mm1)"
	std::string file;   ///< where in the source, "core/kernel/sched.cc"; may be empty
	unsigned line = 0;

	bool operator==(const Row &) const = default;
};

/// The rows of a run that was recorded. Linear time but for a logarithm.
std::vector<Row> tell(const schedule::Schedule &schedule, const Result &result);

/// "switch B": an operation as text has it, without decisions.
std::string op_text(const schedule::Op &op);

} // namespace lazymm::report
