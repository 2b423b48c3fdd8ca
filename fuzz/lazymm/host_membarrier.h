// SPDX-License-Identifier: MIT
// membarrier(2)'s contract against the kernel that runs here: what the machine's membarrier is held
// to, on hardware. Sees what happens to show within the time; there is no search.
#pragma once

#include "core/report/json.h"

#include <string>
#include <vector>

namespace lazymm::command
{

struct HostCheck {
	enum Verdict { ok, note, violation } verdict = ok;
	std::string what;
	std::string text;
	report::Json counts = report::Json::object();
};

struct HostMembarrier {
	std::vector<HostCheck> checks;
	int interrupted = 0; ///< the signal that ended it early, or 0
};

/// In a child process, since a registration cannot be taken back. Throws a Failure if that child
/// ends badly.
HostMembarrier check_host_membarrier(double seconds);

} // namespace lazymm::command
