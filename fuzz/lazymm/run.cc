// SPDX-License-Identifier: MIT
// lazymm run: search for a schedule that breaks a promise, and minimise the first that does.
#include "core/harness/run.h"

#include "core/harness/search.h"
#include "core/schedule/names.h"
#include "core/schedule/token.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/progress.h"
#include "fuzz/lazymm/run_options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

using report::Json;

constexpr std::uint64_t kMinimizeSeconds = 30;

std::string describe(const SearchOptions &search)
{
	const schedule::Schedule &base = search.base;
	std::string text = "scheme " + base.scheme;
	if (!base.bug.empty())
		text += ", bug " + base.bug;
	text += search.vary_cpus && base.cpus.size() > 2
			? fmt::format(", 2 to {} CPUs", base.cpus.size())
			: fmt::format(", {} CPU{}", base.cpus.size(),
				      base.cpus.size() == 1 ? "" : "s");
	return text +
	       fmt::format(", strategy {}, seed {}", schedule::name(search.strategy), search.seed);
}

Json summary_json(const SearchOptions &search, const SearchResult &result, bool interrupted)
{
	return { { "runs", result.runs },     { "seconds", result.seconds },
		 { "seed", search.seed },     { "strategy", schedule::name(search.strategy) },
		 { "corpus", result.corpus }, { "interrupted", interrupted } };
}

/// What the search was for: the same each time.
std::string name_of(const schedule::Schedule &base)
{
	const std::string name = base.bug.empty() ? base.scheme : base.bug;
	return base.memory == schedule::Memory::sc
		       ? name
		       : fmt::format("{} {}", name, schedule::name(base.memory));
}

/// Nothing found: at most three lines.
int report_clean(CommandOptions &options, const SearchResult &result, int signal, Console &console)
{
	const SearchOptions &search = options.search;
	if (options.json) {
		Json json{ { "violation", false }, { "scheme", search.base.scheme } };
		json["search"] = summary_json(search, result, signal != 0);
		console.print(report::dump(json));
	} else {
		console.print(fmt::format(
			"lazymm: {} in {} runs, {:.1f} s ({:.0f} runs/s){}\n  {}\n",
			console.style().good("no violation"), result.runs, result.seconds,
			result.seconds > 0 ? static_cast<double>(result.runs) / result.seconds
					   : 0.0,
			signal ? "; interrupted" : "", describe(search)));
	}
	options.reports.add(
		{ .suite = "run",
		  .name = name_of(search.base),
		  .scheme = search.base.scheme,
		  .verdict = signal ? report::Verdict::error : report::Verdict::passed,
		  .message = fmt::format("{} {} runs", signal ? "interrupted after" : "silent in",
					 result.runs) });
	return signal ? 128 + signal : kClean;
}

std::optional<Minimized> shorten(Runner &runner, const CommandOptions &options,
				 const SearchResult &found, Console &console)
{
	if (!options.minimize)
		return std::nullopt;
	const Interrupt interrupt; // a Ctrl-C in here ends the minimising only
	Progress progress(console);
	std::uint64_t replays = 0;
	auto minimized =
		lazymm::minimize(runner, *found.schedule, *found.finding, options.search.run,
				 { .seconds = kMinimizeSeconds }, [&] {
					 if (++replays % 64 == 0)
						 progress.tick([&](double seconds) {
							 return fmt::format("found; minimizing: {} "
									    "replays, {:.0f} s",
									    replays, seconds);
						 });
					 return Interrupt::raised() != 0;
				 });
	if (!minimized)
		throw Failure(
			fmt::format("replay diverged: '{}' did not show again; this is a bug of "
				    "lazymm, please report it with seed {} and {}",
				    report::title(*found.finding), options.search.seed,
				    schedule::to_token(*found.schedule)),
			kCannotTell);
	return minimized;
}

int report_violation(Runner &runner, CommandOptions &options, const SearchResult &found,
		     NewFile *file, Console &console)
{
	const auto minimized = shorten(runner, options, found, console);
	const schedule::Schedule &schedule = minimized ? minimized->schedule : *found.schedule;
	const Minimized *how = minimized ? &*minimized : nullptr;
	const Result result = run_twice(runner, schedule, options.search.run.oracles);
	const std::string written = file ? write_witness(*file, schedule, result) : "";
	options.reports.add(case_of("run", name_of(options.search.base), schedule, result,
				    replay_options(options.search.run.oracles), how));
	if (options.json) {
		Json json = report::to_json(schedule, result, how);
		json["search"] = summary_json(options.search, found, false);
		json["witness"] = written.empty() ? Json() : Json(written);
		console.print(report::dump(json));
		return kViolation;
	}
	report::PictureOptions picture;
	picture.style = console.style();
	picture.minimized = how;
	picture.replay_options = replay_options(options.search.run.oracles);
	console.print(report::picture(schedule, result, picture));
	console.print(fmt::format("  found:   after {} run{}, {:.1f} s, with seed {}\n", found.runs,
				  found.runs == 1 ? "" : "s", found.seconds, options.search.seed));
	if (!written.empty())
		console.print(fmt::format("  witness: {}\n", written));
	return kViolation;
}

} // namespace

int run(const Arguments &arguments, Console &console)
{
	CommandOptions options;
	if (const auto status = parse_run_options(options, arguments, console))
		return *status;
	// Before the work, so that there is a place for its result.
	std::optional<NewFile> file;
	if (!options.output.empty())
		file.emplace(options.output);
	options.reports.open(console);

	SearchOptions &search = options.search;
	Runner runner(options.engine);
	prepare(runner, search.base, "");
	if (const char *why = unsuited(*schemes::find_scheme(search.base.scheme), search.base.arch))
		console.complain(fmt::format("lazymm run: {} is not made for {}: {}\n",
					     search.base.scheme, schedule::name(search.base.arch),
					     why));
	SearchResult result;
	int signal = 0;
	{
		const Interrupt interrupt;
		Progress progress(console);
		search.interrupted = [] { return Interrupt::raised() != 0; };
		search.progress = [&](std::uint64_t runs) {
			progress.tick([&](double seconds) {
				return fmt::format("{}: {} runs, {:.0f} s, {:.0f} runs/s",
						   search.base.scheme, runs, seconds,
						   static_cast<double>(runs) / seconds);
			});
		};
		result = lazymm::search(runner, search);
		signal = Interrupt::raised();
	}
	const int status = result.finding ? report_violation(runner, options, result,
							     file ? &*file : nullptr, console)
					  : report_clean(options, result, signal, console);
	return options.reports.finish(status, console);
}

} // namespace lazymm::command
