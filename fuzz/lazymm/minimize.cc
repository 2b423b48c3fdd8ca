// SPDX-License-Identifier: MIT
// lazymm minimize: make a failing schedule as short as it can be.
#include "core/harness/minimize.h"

#include "core/schedule/text.h"
#include "core/schedule/token.h"

#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/progress.h"
#include "fuzz/lazymm/reports.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

struct Options {
	std::string engine = "fibers";
	std::vector<std::string> oracles;
	MinimizeBudget budget;
	std::string output;
	bool json = false;
	Reports reports;
};

void show(const Options &options, const Minimized &minimized, const Result &result,
	  Console &console)
{
	if (options.json) {
		console.print(
			report::dump(report::to_json(minimized.schedule, result, &minimized)));
		return;
	}
	report::PictureOptions picture;
	picture.style = console.style();
	picture.minimized = &minimized;
	picture.replay_options = replay_options(options.oracles);
	console.print(schedule::to_text(minimized.schedule) + '\n');
	console.print(report::picture(minimized.schedule, result, picture));
}

int minimize_one(Options &options, const Source &source, Console &console)
{
	const schedule::Schedule schedule = source.load(console);
	const std::string name =
		source.file().empty() ? schedule::to_token(schedule) : source.file();
	// Before the work, so that there is a place for its result.
	std::optional<NewFile> file;
	const Path path = split_path(options.output);
	if (!options.output.empty())
		file.emplace(path.directory);
	options.reports.open(console);

	Runner runner(engine_of(options.engine));
	prepare(runner, schedule, source.name());
	RunOptions run_options;
	run_options.oracles = options.oracles;
	const Result first = runner.run(schedule, run_options);
	if (!first.finding) {
		console.print(
			fmt::format("lazymm: no violation on scheme {}, so there is nothing to "
				    "minimize\n",
				    schedule.scheme));
		options.reports.add(case_of("minimize", name, schedule, first, ""));
		return options.reports.finish(kClean, console);
	}
	std::optional<Minimized> minimized;
	{
		const Interrupt interrupt;
		Progress progress(console);
		std::uint64_t replays = 0;
		minimized = lazymm::minimize(
			runner, made_explicit(schedule, first), *first.finding, run_options,
			options.budget, [&] {
				if (++replays % 64 == 0)
					progress.tick([&](double seconds) {
						return fmt::format(
							"minimizing: {} replays, {:.0f} s", replays,
							seconds);
					});
				return Interrupt::raised() != 0;
			});
	}
	if (!minimized)
		throw Failure(fmt::format("replay diverged: '{}' did not show again with explicit "
					  "decisions; this is a bug of lazymm, please report it",
					  report::title(*first.finding)),
			      kCannotTell);
	const Result result = run_twice(runner, minimized->schedule, options.oracles);
	show(options, *minimized, result, console);
	if (file)
		write_named(*file, path.file, witness_text(minimized->schedule, result));
	report::Case one = case_of("minimize", name, minimized->schedule, result,
				   replay_options(options.oracles), &*minimized);
	one.file = source.file();
	options.reports.add(std::move(one));
	return options.reports.finish(kViolation, console);
}

} // namespace

int minimize(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"minimize",
		"Cuts a failing schedule down to one from which nothing can be removed, and "
		"that shows the same\nfinding. Exit status 1, as a violation is shown.",
		"lazymm minimize crash-1f0 --scheme refcount -o witness.sched");
	CLI::App &app = line.app();
	const Source source(app);
	Options options;
	std::vector<std::string> oracle_lists;
	app.add_option("--seconds", options.budget.seconds, "budget (30)")->check(is_seconds());
	app.add_option("--replays", options.budget.replays, "budget (2000000)")
		->check(is_number(1, ~0ull));
	app.add_option("-o,--output", options.output, "write the text to a new file")
		->type_name("FILE");
	app.add_option("--engine", options.engine, "fibers or threads")->type_name("NAME");
	app.add_option("--oracles", oracle_lists, "only these may speak: a,b")
		->allow_extra_args(false)
		->type_name("NAMES");
	app.add_flag("--json", options.json, "as JSON");
	options.reports.add_option(app);
	if (const auto status = line.parse(arguments, console))
		return *status;
	options.oracles = oracle_names(oracle_lists);
	return minimize_one(options, source, console);
}

} // namespace lazymm::command
