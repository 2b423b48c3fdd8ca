// SPDX-License-Identifier: MIT
// lazymm corpus merge: what several corpora show, in one that is new.
#include "fuzz/lazymm/corpus_select.h"
#include "fuzz/lazymm/corpus_verbs.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/new_directory.h"
#include "fuzz/lazymm/options.h"

#include <fmt/format.h>

namespace lazymm::command
{

int corpus_merge(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"corpus merge",
		"Makes a new corpus of what several show: the smallest files that together have "
		"all features\nand findings; witnesses, regressions and what has a comment "
		"'# keep' always stay. What is there\nis not touched, and the new directory "
		"appears when it is complete.",
		"lazymm corpus merge -o merged corpus build/fuzz/refcount/corpus");
	std::vector<std::string> directories;
	std::string output, scheme;
	line.app()
		.add_option("DIR", directories, "corpora: *.sched, and raw bytes")
		->required()
		->type_name("");
	line.app()
		.add_option("-o,--output", output, "the new directory")
		->required()
		->type_name("NEWDIR");
	line.app()
		.add_option("--scheme", scheme, "that of raw bytes (else a directory's name is)")
		->type_name("NAME");
	if (const auto status = line.parse(arguments, console))
		return *status;
	if (!scheme.empty())
		check_scheme(scheme);
	// Before the work, so that there is a place for its result.
	NewDirectory merged(output, NewDirectory::Target::is_free);
	const Selection selection = select(directories, scheme, output);
	for (const std::string &doubt : selection.doubts)
		console.complain(fmt::format("lazymm: {}\n", printable(doubt)));
	for (const Kept &kept : selection.kept)
		merged.copy(kept.relative, kept.path);
	merged.name();
	console.print(fmt::format("lazymm: {}: {}\n", output, summary(selection)));
	return kClean;
}

} // namespace lazymm::command
