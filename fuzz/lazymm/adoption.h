// SPDX-License-Identifier: MIT
// A finding as a file of corpus/SCHEME/regressions/.
#pragma once

#include "fuzz/lazymm/console.h"

#include "core/harness/run.h"

#include <string>
#include <vector>

namespace lazymm::command
{

/// What is said of a finding besides what it shows; one line each.
struct Provenance {
	std::string from;		  ///< who knows it from where
	std::string found;		  ///< the command that it comes from
	std::vector<std::string> oracles; ///< only these may speak; empty: all
};

/// The text of the file: what it shows, "# expect:", provenance, the schedule. `result` has a
/// finding.
std::string regression_text(const Schedule &schedule, const Result &result,
			    const Provenance &provenance);

/// Where this schedule stands below a directory, whatever its comments and its form; "" if nowhere.
std::string where_it_is(const Schedule &schedule, const std::string &directory);

} // namespace lazymm::command
