// SPDX-License-Identifier: MIT
// lazymm corpus prune: a corpus without what adds nothing, in a new directory or in its own place
// (new_directory.h says how no moment of that loses a file).
#include "fuzz/lazymm/corpus_select.h"
#include "fuzz/lazymm/corpus_verbs.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/new_directory.h"
#include "fuzz/lazymm/options.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;

/// README.md and the like go along.
void copy_others(NewDirectory &pruned, const std::string &directory)
{
	for (const std::string &relative : other_files(directory)) {
		const fs::path path = fs::path(directory) / relative;
		std::error_code error;
		if (!fs::is_symlink(path, error))
			pruned.copy(relative, path.string());
		else if (const fs::path to = fs::read_symlink(path, error); !error)
			pruned.add_link(relative, to.string());
	}
}

} // namespace

int corpus_prune(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"corpus prune",
		"Leaves out of a corpus what adds nothing to smaller files of it. "
		"Witnesses, regressions and what has\na comment '# keep' always stay. With "
		"--in-place what was there is kept as DIR.old-N.",
		"lazymm corpus prune build/fuzz/refcount/corpus -o smaller");
	std::string directory, output, scheme;
	bool in_place = false;
	CLI::App &app = line.app();
	app.add_option("DIR", directory, "a corpus")->required()->type_name("");
	app.add_option("-o,--output", output, "a new directory")->type_name("NEWDIR");
	app.add_flag("--in-place", in_place, "put it where DIR is, which becomes DIR.old-N");
	app.add_option("--scheme", scheme, "that of raw bytes (else a directory's name is)")
		->type_name("NAME");
	if (const auto status = line.parse(arguments, console))
		return *status;
	if (output.empty() != in_place)
		throw Failure("say where to: either -o NEWDIR or --in-place");
	if (!scheme.empty())
		check_scheme(scheme);
	if (in_place) {
		std::error_code error;
		output = fs::canonical(directory, error).string(); // not the link to it
		if (error)
			throw Failure(fmt::format("cannot read the corpus '{}': {}; give a "
						  "directory of schedules",
						  directory, error.message()));
	}
	NewDirectory pruned(output, in_place ? NewDirectory::Target::is_there
					     : NewDirectory::Target::is_free);
	const Selection selection = select({ directory }, scheme, output);
	for (const std::string &doubt : selection.doubts)
		console.complain(fmt::format("lazymm: {}\n", printable(doubt)));
	for (const Kept &kept : selection.kept)
		pruned.copy(kept.relative, kept.path);
	copy_others(pruned, directory);
	if (!in_place) {
		pruned.name();
		console.print(fmt::format("lazymm: {}: {}\n", output, summary(selection)));
		return kClean;
	}
	const std::string old = pruned.take_the_place_of_target();
	console.print(fmt::format("lazymm: {}: {}; what was there is in {}\n", directory,
				  summary(selection), old));
	return kClean;
}

} // namespace lazymm::command
