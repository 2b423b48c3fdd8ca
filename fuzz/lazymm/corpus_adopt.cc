// SPDX-License-Identifier: MIT
// lazymm corpus adopt: from a crash file to a regression, in one command.
#include "core/harness/minimize.h"
#include "fuzz/lazymm/adoption.h"
#include "fuzz/lazymm/corpus_files.h"
#include "fuzz/lazymm/corpus_verbs.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/witness.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>

namespace lazymm::command
{

namespace
{

constexpr std::size_t kLongestName = 100;

struct Options {
	std::vector<std::string> files;
	std::string name, corpus = "corpus", from;
	std::vector<std::string> oracles;
	bool no_minimize = false;
	MinimizeBudget budget;
};

struct Adopted {
	Schedule schedule;
	Result result;
	std::optional<Minimized> minimized;
};

/// "crash-1f0" of "build/crash-1f0".
std::string last_part(const std::string &argument)
{
	const std::string name = source_name(argument);
	return name == argument ? split_path(argument).file : name;
}

void check_name(const std::string &name)
{
	const bool good = !name.empty() && name.size() <= kLongestName && name[0] != '.' &&
			  name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
						 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
				  std::string::npos;
	if (!good)
		throw Failure(fmt::format("--name: expected at most {} letters, digits, '.', '_' "
					  "and '-', found '{}'",
					  kLongestName, name));
}

/// corpus/SCHEME, which is made; the corpus itself is there, or it is the wrong directory.
std::string scheme_directory(const Options &options, const std::string &scheme)
{
	struct stat status{};
	if (stat(options.corpus.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
		throw Failure(fmt::format("there is no directory '{}'; go to the repository, or "
					  "say --corpus DIR",
					  options.corpus));
	const std::string directory = options.corpus + "/" + scheme;
	if (mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST)
		throw Failure(fmt::format("cannot make the directory '{}': {}", directory,
					  std::strerror(errno)));
	return directory;
}

/// Explicit decisions, so that it depends on nobody's random numbers; minimal unless that is not
/// wanted.
Adopted shorten(Runner &runner, const Schedule &schedule, const Result &first,
		const Options &options)
{
	Adopted adopted{ .schedule = made_explicit(schedule, first) };
	if (!options.no_minimize) {
		RunOptions run;
		run.oracles = options.oracles;
		const Interrupt interrupt;
		adopted.minimized =
			lazymm::minimize(runner, adopted.schedule, *first.finding, run,
					 options.budget, [] { return Interrupt::raised() != 0; });
		if (adopted.minimized)
			adopted.schedule = adopted.minimized->schedule;
	}
	adopted.result = run_twice(runner, adopted.schedule, options.oracles);
	if (!adopted.result.finding || !adopted.result.finding->same_as(*first.finding))
		throw Failure(fmt::format("replay diverged: '{}' did not show again with explicit "
					  "decisions; this is a bug of lazymm, please report it",
					  report::title(*first.finding)),
			      kCannotTell);
	return adopted;
}

std::string write(NewFile &file, const Options &options, const Finding &finding,
		  const std::string &text)
{
	file.write(text);
	std::string stem = options.name;
	if (stem.empty())
		stem = file_part(finding.oracle + "-" + finding.kind).substr(0, kLongestName);
	for (unsigned i = 1;; i++) {
		const std::string name =
			i == 1 ? stem + ".sched" : fmt::format("{}-{}.sched", stem, i);
		if (file.name(name))
			return file.directory() + "/" + name;
		if (!options.name.empty())
			throw Failure(fmt::format("'{}/{}' exists already and is left as it is; "
						  "choose another --name",
						  file.directory(), name));
	}
}

void adopt(const Options &options, const Settings &settings, const std::string &argument,
	   Console &console)
{
	const std::string name = last_part(argument);
	const bool is_file = source_name(argument) == argument;
	const Schedule schedule =
		settings.load(argument, console, is_file ? scheme_of_path(argument) : "");
	Runner runner;
	prepare(runner, schedule, source_name(argument));
	const Result first = run_twice(runner, schedule, options.oracles);
	if (!first.finding)
		throw Failure(fmt::format("'{}' shows nothing on scheme {}, so there is nothing to "
					  "adopt; is it of another scheme (--scheme), or of a "
					  "planted bug (--bug)?",
					  source_name(argument), schedule.scheme));
	const std::string directory = scheme_directory(options, schedule.scheme);
	NewFile file(directory + "/" + command::name(CorpusKind::regression)); // before the work
	const Adopted adopted = shorten(runner, schedule, first, options);
	if (const std::string path = where_it_is(adopted.schedule, directory); !path.empty())
		throw Failure(
			fmt::format("'{}' is there already, as '{}'", source_name(argument), path));
	Provenance provenance{ .from = options.from, .oracles = options.oracles };
	if (provenance.from.empty())
		provenance.from = fmt::format("found by {}, {}", name, version());
	provenance.found = fmt::format("lazymm corpus adopt {} --scheme {}", name, schedule.scheme);
	if (!schedule.bug.empty())
		provenance.found += " --bug " + schedule.bug;
	const std::string path =
		write(file, options, *adopted.result.finding,
		      regression_text(adopted.schedule, adopted.result, provenance));
	report::PictureOptions picture;
	picture.style = console.style();
	picture.minimized = adopted.minimized ? &*adopted.minimized : nullptr;
	picture.replay_options = replay_options(options.oracles);
	console.print(report::picture(adopted.schedule, adopted.result, picture));
	console.print(fmt::format("  adopted: {}\n", path));
}

} // namespace

int corpus_adopt(const Arguments &arguments, Console &console)
{
	CommandLine line("corpus adopt",
			 "Makes a regression of a crash file (bytes of a fuzz target, text, a "
			 "token): replays it, minimises it,\nand writes it with what it shows and "
			 "where it is from to corpus/SCHEME/regressions/. Raw bytes are of\nthe "
			 "scheme whose directory they are in, if --scheme does not say so.",
			 "lazymm corpus adopt build/fuzz/refcount/artifacts/crash-1f0");
	CLI::App &app = line.app();
	Options options;
	std::vector<std::string> oracle_lists;
	app.add_option("FILE", options.files, "crash files, *.sched or tokens")
		->required()
		->type_name("");
	const Settings settings(app);
	app.add_option("--name", options.name, "of the new file (oracle and kind)")
		->type_name("NAME");
	app.add_option("--corpus", options.corpus, "the corpus (corpus)")->type_name("DIR");
	app.add_option("--from", options.from, "who knows it from where, for '# from:'")
		->type_name("TEXT");
	app.add_option("--oracles", oracle_lists, "only these may speak: a,b")
		->allow_extra_args(false)
		->type_name("NAMES");
	app.add_flag("--no-minimize", options.no_minimize, "as it was found");
	app.add_option("--replays", options.budget.replays, "budget of the minimiser (2000000)")
		->check(is_number(1, ~0ull));
	if (const auto status = line.parse(arguments, console))
		return *status;
	options.oracles = oracle_names(oracle_lists);
	if (options.name.ends_with(".sched"))
		options.name.resize(options.name.size() - 6);
	if (app.get_option("--name")->count()) {
		check_name(options.name);
		if (options.files.size() > 1)
			throw Failure("--name is for one file; leave it out, or adopt one by one");
	}
	// One that is refused does not stand in the way of the others.
	std::vector<Failure> refused;
	for (const std::string &file : options.files) {
		try {
			adopt(options, settings, file, console);
		} catch (const Failure &failure) {
			refused.push_back(failure);
		}
	}
	if (refused.empty())
		return kClean;
	for (std::size_t i = 0; i + 1 < refused.size(); i++)
		console.complain(fmt::format("lazymm corpus: {}\n", printable(refused[i].message)));
	throw refused.back();
}

} // namespace lazymm::command
