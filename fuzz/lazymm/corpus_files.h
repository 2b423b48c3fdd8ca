// SPDX-License-Identifier: MIT
// The files of a corpus, and what their places and comments say.
//
//	DIR/SCHEME/seeds/NAME.sched		to start from
//	DIR/SCHEME/witnesses/NAME.sched		minimal failures, each with "# expect: ORACLE KIND"
//	DIR/SCHEME/regressions/NAME.sched	what was found once: "# expect: ORACLE KIND", or
//						"# expect: nothing" when it is repaired
//	any file without an extension		raw bytes, as a fuzz target saves them; on the
// scheme 						that is named by the nearest directory above
// it
//
// Comments that mean something, each alone on its line: "# expect: ", "# oracles: A,B" (others
// would speak first), "# from: " and "# found: " (provenance), "# keep" (prune and merge do).
#pragma once

#include "core/schedule/schedule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lazymm::command
{

enum class CorpusKind : std::uint8_t { seed, witness, regression, raw };
inline constexpr unsigned kCorpusKinds = 4;
/// "seeds", "witnesses", "regressions", "raw": the directory's name, if it has one.
const char *name(CorpusKind kind);

struct CorpusFile {
	std::string path;
	std::string relative; ///< to the directory that was asked for
	CorpusKind kind = CorpusKind::raw;
	/// What the directories say; "" if they say nothing.
	std::string scheme;
};

struct CorpusNotes {
	bool any = false; ///< is there a comment?
	std::string expect, oracles;
	bool keep = false;
};

/// A file that was read.
struct CorpusEntry {
	CorpusFile file;
	CorpusNotes notes;
	std::string content;
	/// With its scheme. Empty if it cannot be read as one.
	std::optional<schedule::Schedule> schedule;
	std::string problem;
	bool other_build = false; ///< the problem is that this build is too old for it
};

/// What is in a directory and below it, in the order of the paths. Passed over: what is not a
/// regular file or a link to one, names with a leading dot, other extensions (README.md, *.json),
/// and below the directory whatever was put away (DIR.old-N). Throws a Failure if a directory
/// cannot be read.
std::vector<CorpusFile> corpus_files(const std::string &directory);
/// The same, but throws a Failure if there is none: nobody means an empty corpus.
std::vector<CorpusFile> some_corpus_files(const std::string &directory);
/// All that corpus_files() passes over but would be missed: regular files and symbolic links,
/// relative to the directory.
std::vector<std::string> other_files(const std::string &directory);

/// The name of a scheme of this build that is nearest to the end of the path, or "".
std::string scheme_of_path(const std::string &path);

CorpusNotes read_notes(std::string_view text);

/// Reads it. Throws a Failure if it cannot be read at all, or is raw bytes and nobody says of which
/// scheme (`scheme` does, or ""). Scheme and bug need not be of this build.
CorpusEntry read_entry(const CorpusFile &file, const std::string &scheme);

} // namespace lazymm::command
