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
	std::string output;	   ///< directory for the witness, or ""
	std::uint64_t retries = 0; ///< of `lazymm stress`: stepped runs per finding
	Reports reports;
};

/// Fills in the options of `lazymm run`. A status if that was all (--help); throws a Failure if
/// they are wrong.
std::optional<int> parse_run_options(CommandOptions &options, const Arguments &arguments,
				     Console &console);
/// The same of `lazymm stress`: no strategy, and the memory model is the host's.
std::optional<int> parse_stress_options(CommandOptions &options, const Arguments &arguments,
					Console &console);

/// Which operations a search makes, and what it begins with: those of `lists` (alphabet_of()), or
/// if there are none what the planted bug or the scheme of search.base is for.
void choose_operations(SearchOptions &search, const std::vector<std::string> &lists);

/// The operations of "switch,fork,hotplug": those named, each as often as usual, and groups of them
/// (schedule/op_groups.h).
schedule::Alphabet alphabet_of(const std::vector<std::string> &lists);

} // namespace lazymm::command
