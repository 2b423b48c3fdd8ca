// SPDX-License-Identifier: MIT
// The command line of `lazymm run`.
#pragma once

#include "core/harness/minimize.h"
#include "core/harness/search.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/reports.h"

namespace lazymm::command
{

struct CommandOptions {
	SearchOptions search; ///< but for `interrupted` and `progress`
	Engine engine = Engine::fibers;
	bool minimize = true;
	bool json = false;
	std::string output; ///< directory for the witness, or ""
	Reports reports;
};

/// Fills in the options. A status if that was all (--help); throws a Failure if they are wrong.
std::optional<int> parse_run_options(CommandOptions &options, const Arguments &arguments,
				     Console &console);

/// Which operations a search makes, and what it begins with: those of `lists` (alphabet_of()), or
/// if there are none what the planted bug or the scheme of search.base is for.
void choose_operations(SearchOptions &search, const std::vector<std::string> &lists);

/// The operations of "switch,fork,hotplug": those named, each as often as usual; "hotplug",
/// "membarrier" and "sync-core" are groups: CPUs that go down and up, user code and membarrier(2),
/// what of it is about code, and what it takes for that to matter.
schedule::Alphabet alphabet_of(const std::vector<std::string> &lists);

} // namespace lazymm::command
