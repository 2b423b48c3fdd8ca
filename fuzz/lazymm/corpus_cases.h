// SPDX-License-Identifier: MIT
// What `lazymm corpus check` looks at, as values: one case for a file, or for something that has to
// be there. Printing them is another matter.
#pragma once

#include "fuzz/lazymm/corpus_files.h"

#include "core/harness/run.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lazymm::command
{

struct CorpusCase {
	std::string name; ///< "refcount/seeds/exit.sched", "lazymm-2021: token"
	std::string scheme;
	std::string file; ///< path, or ""
	bool passed = false;
	std::string message; ///< why not, one line
	std::optional<Schedule> schedule;
	/// The run as it stands; with its trace if it shows a violation.
	std::optional<Result> result;
};

/// Replays files, each on both engines, which are to draw the same picture.
class CorpusReplay
{
public:
	CorpusReplay();
	~CorpusReplay();

	/// Text has a comment and stands in its scheme's directory. Seeds and raw bytes of a scheme
	/// that is believed sound show nothing; a witness exactly what it expects, and nothing
	/// without its planted bug in a sound scheme; a regression what it expects, or "nothing".
	CorpusCase check(const CorpusEntry &entry);
	/// The token of a scheme that is called broken shows something.
	CorpusCase check_token(const std::string &scheme, const std::string &token);

private:
	struct Parts;
	const std::unique_ptr<Parts> parts_;
};

/// Every planted bug of this build has its witness among the files, every scheme that is called
/// broken a token that shows it, every architecture that a scheme is not made for a witness.
std::vector<CorpusCase> check_complete(const std::vector<CorpusEntry> &entries,
				       CorpusReplay &replay);

/// Per scheme of `least`: at least as many files, and as many features for a search or a fuzz
/// target to start from. Whether it is the same files and features does not matter: a corpus that
/// was merged has others.
std::vector<CorpusCase> check_at_least(const std::vector<CorpusEntry> &entries,
				       const std::vector<CorpusEntry> &least);

} // namespace lazymm::command
