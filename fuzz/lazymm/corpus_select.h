// SPDX-License-Identifier: MIT
// Which files of corpora to keep: what merge and prune have in common.
//
// As libFuzzer's merge: the smallest first, a file stays if it adds a feature or a finding to those
// before it. Before all come, and always stay: witnesses, regressions, what has a comment "# keep",
// and what this build cannot judge (it may be right for another one). Equal sizes go by content,
// equal contents by path, so the outcome depends on what is in the corpora and on nothing else.
#pragma once

#include "fuzz/lazymm/corpus_files.h"

#include <string>
#include <vector>

namespace lazymm::command
{

struct Kept {
	std::string path;
	std::string relative; ///< where it is to stand; no two have the same
};

struct Selection {
	std::vector<Kept> kept;
	std::size_t files = 0;		 ///< that were looked at
	std::size_t always = 0;		 ///< of those kept: whatever they show
	std::size_t features = 0;	 ///< of all
	std::size_t findings = 0;	 ///< distinct
	std::vector<std::string> doubts; ///< a line for each that this build cannot judge
};

/// Over all directories together. `scheme` is that of raw bytes, or "" if directories say it;
/// `target` is the directory that the kept ones are for: raw bytes get a directory with the name of
/// their scheme there, if without it nothing would say so. Throws a Failure if a directory has no
/// schedules, or one of them cannot be read: what is left out of a merge in silence is lost.
Selection select(const std::vector<std::string> &directories, const std::string &scheme,
		 const std::string &target);

/// "kept 7 of 20 schedules (3 whatever they show; 412 features, 5 findings)".
std::string summary(const Selection &selection);

} // namespace lazymm::command
