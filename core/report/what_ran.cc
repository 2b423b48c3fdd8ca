// SPDX-License-Identifier: MIT
#include "core/report/what_ran.h"

#include "core/harness/run.h"
#include "core/schedule/token.h"

#include <fmt/format.h>
#include <unistd.h>

namespace lazymm::report
{

void say_what_ran()
{
	const Schedule *schedule = running();
	if (!schedule)
		return;
	const bool free = !machine::this_machine().stepped();
	const std::string line =
		fmt::format("lazymm: a sanitizer reports, in a run of: lazymm "
			    "replay {}{}\n",
			    schedule::to_token(*schedule), free ? " --mode free --runs 10000" : "");
	// The report is written past stdio, too.
	static_cast<void>(write(STDERR_FILENO, line.data(), line.size()) < 0);
}

} // namespace lazymm::report
