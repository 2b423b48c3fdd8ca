// SPDX-License-Identifier: MIT
// lazymm stress: free mode as a search. What it finds is looked for among stepped runs of the same
// operations, and is then a finding like any other; else it is shown as it is.
#include "core/harness/minimize.h"
#include "core/harness/stepped_retry.h"
#include "core/report/columns.h"
#include "core/schedule/token.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/free_search.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/progress.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"

#include <chrono>

#include <fmt/format.h>

namespace lazymm::command
{

using report::Json;

namespace
{

constexpr double kMinimizeSeconds = 30;

/// A sanitizer's finding has no kind.
std::string title(const Finding &finding)
{
	return finding.kind.empty() ? finding.oracle : report::title(finding);
}

/// All that is known in the end.
struct Stress {
	FreeReport free; ///< the last search's, with the runs of all
	double seconds = 0;
	std::uint64_t unclear = 0; ///< runs that ended with nothing but a suspicion
	std::uint64_t retries = 0;
	std::optional<Minimized> stepped; ///< of the finding, if stepped runs show it
	int signal = 0;

	bool violation() const { return stepped || (free.schedule && free.proven); }
};

class Stressor
{
public:
	Stressor(const CommandOptions &options, Console &console)
		: options_(options), console_(console)
	{
		prepare(stepped_, options.search.base, "");
	}

	/// Free searches, one behind the other, until one has found something that stands.
	Stress run()
	{
		const Interrupt interrupt;
		Progress progress(console_);
		do {
			search(progress);
			if (stress_.free.schedule)
				retry(progress);
		} while (stress_.free.schedule && !stress_.violation() && !over());
		stress_.signal = Interrupt::raised();
		stress_.seconds = seconds();
		return std::move(stress_);
	}

	Runner &stepped() { return stepped_; }

private:
	double seconds() const
	{
		return std::chrono::duration<double>(Clock::now() - began_).count();
	}

	bool over() const
	{
		const SearchOptions &all = options_.search;
		return Interrupt::raised() || (all.runs && stress_.free.runs >= all.runs) ||
		       (all.seconds > 0 && seconds() >= all.seconds);
	}

	void search(Progress &progress)
	{
		CommandOptions rest; // but for its reports, which are of all searches
		rest.search = options_.search;
		rest.engine = options_.engine;
		const std::uint64_t before = stress_.free.runs;
		if (rest.search.runs)
			rest.search.runs -= before;
		if (rest.search.seconds > 0)
			rest.search.seconds -= seconds();
		rest.search.seed += stress_.unclear;
		stress_.free = free_search(rest, [&](std::uint64_t runs) {
			progress.tick([&](double seconds) {
				return fmt::format("{}: {} free runs, {:.0f} s",
						   options_.search.base.scheme, before + runs,
						   seconds);
			});
		});
		stress_.free.runs += before;
	}

	void retry(Progress &progress)
	{
		schedule::Schedule schedule = *stress_.free.schedule;
		// On the heap ASan would judge, and end the program.
		if (LAZYMM_ASAN)
			schedule.mm = schedule::MmMemory::pool;
		RetryOptions options;
		options.runs = options_.retries;
		options.oracles = options_.search.run.oracles;
		options.interrupted = [&] {
			progress.tick([&](double seconds) {
				return fmt::format("found {} in a free run; looking for it in "
						   "stepped ones, {:.0f} s",
						   title(stress_.free.finding), seconds);
			});
			return Interrupt::raised() != 0;
		};
		Finding wanted = stress_.free.finding;
		if (!stress_.free.proven)
			wanted.kind.clear(); // a deadlock has a name, a suspicion has none
		const Retried retried = retry_stepped(stepped_, schedule, wanted, options);
		stress_.retries = retried.runs;
		if (retried.schedule)
			shorten(retried);
		else if (!stress_.free.proven)
			stress_.unclear++;
	}

	void shorten(const Retried &found)
	{
		if (options_.minimize)
			stress_.stepped = lazymm::minimize(stepped_, *found.schedule,
							   *found.finding, options_.search.run,
							   { .seconds = kMinimizeSeconds },
							   [] { return Interrupt::raised() != 0; });
		if (!stress_.stepped) {
			stress_.stepped.emplace();
			stress_.stepped->schedule = *found.schedule;
		}
	}

	using Clock = std::chrono::steady_clock;

	const CommandOptions &options_;
	Console &console_;
	Runner stepped_; ///< fibers: the fastest
	Stress stress_;
	const Clock::time_point began_ = Clock::now();
};

std::string describe(const CommandOptions &options)
{
	const SearchOptions &search = options.search;
	std::string text = "scheme " + search.base.scheme;
	if (!search.base.bug.empty())
		text += ", bug " + search.base.bug;
	const std::size_t cpus = search.base.cpus.size();
	text += search.vary_cpus ? fmt::format(", 2 to {} CPUs", cpus)
				 : fmt::format(", {} CPU{}", cpus, cpus == 1 ? "" : "s");
	return text + fmt::format(", {}, seed {}",
				  options.engine == Engine::fibers ? "fibers" : "threads",
				  search.seed);
}

std::string runs_word(std::uint64_t runs, const char *kind)
{
	return fmt::format("{} {}run{}", runs, kind, runs == 1 ? "" : "s");
}

/// What the CPUs did before it happened.
std::string recent_text(const FreeReport &free)
{
	std::string text;
	for (std::size_t cpu = 0; cpu < free.recent.size(); cpu++) {
		text += fmt::format("\n  CPU{} did last in the free run:\n", cpu);
		for (const std::string &line : free.recent[cpu])
			text += "    " + line + '\n';
	}
	return text;
}

std::string only_free_text(const CommandOptions &options, const Stress &stress,
			   const report::Style &style)
{
	const Finding &finding = stress.free.finding;
	std::string text =
		style.bad(fmt::format("lazymm: VIOLATION {}", title(finding))) +
		fmt::format("  scheme {}{}{}, only in free mode\n", options.search.base.scheme,
			    options.search.base.bug.empty() ? "" : "  bug ",
			    options.search.base.bug);
	for (const std::string &line : report::wrap(finding.text, report::kWidth - 2, 2))
		text += "  " + line + '\n';
	text += recent_text(stress.free);
	text += fmt::format("\n  found:   in free run {}, {:.1f} s; not in {} of the same "
			    "operations\n",
			    stress.free.runs, stress.seconds,
			    runs_word(stress.retries, "stepped "));
	text += fmt::format("  again:   lazymm replay {} --mode free --runs 10000\n",
			    schedule::to_token(*stress.free.schedule));
	if (!finding.file.empty())
		text += fmt::format("  where:   {}:{}\n", finding.file, finding.line);
	return text;
}

Json json_of(const CommandOptions &options, const Stress &stress, Runner &runner)
{
	Json json;
	if (stress.stepped) {
		const schedule::Schedule &schedule = stress.stepped->schedule;
		json = report::to_json(schedule,
				       run_twice(runner, schedule, options.search.run.oracles),
				       options.minimize ? &*stress.stepped : nullptr);
	} else {
		json["violation"] = stress.violation();
		json["scheme"] = options.search.base.scheme;
	}
	Json free = { { "runs", stress.free.runs },    { "seconds", stress.seconds },
		      { "seed", options.search.seed }, { "retries", stress.retries },
		      { "unclear", stress.unclear },   { "interrupted", stress.signal != 0 } };
	if (stress.free.schedule) {
		free["finding"] = report::to_json(stress.free.finding);
		free["schedule"] = report::to_json(*stress.free.schedule);
		free["recent"] = stress.free.recent;
	}
	json["free"] = std::move(free);
	return json;
}

/// Nothing found: at most three lines.
std::string nothing_text(const CommandOptions &options, const Stress &stress,
			 const report::Style &style)
{
	const double rate =
		stress.seconds > 0 ? static_cast<double>(stress.free.runs) / stress.seconds : 0.0;
	std::string text =
		fmt::format("lazymm: {} in {}, {:.1f} s ({:.0f} runs/s){}\n  {}\n",
			    stress.unclear ? style.bad("cannot tell") : style.good("no violation"),
			    runs_word(stress.free.runs, "free "), stress.seconds, rate,
			    stress.signal ? "; interrupted" : "", describe(options));
	if (stress.unclear)
		text += fmt::format("  {} hung, which stepped ones do not show{}\n",
				    runs_word(stress.unclear, ""),
				    stress.free.schedule
					    ? "; the last: lazymm replay " +
						      schedule::to_token(*stress.free.schedule) +
						      " --mode free --runs 10000"
					    : "");
	return text;
}

void show_stepped(const CommandOptions &options, const Stress &stress, const Result &result,
		  Console &console)
{
	report::PictureOptions picture;
	picture.style = console.style();
	picture.minimized = options.minimize ? &*stress.stepped : nullptr;
	picture.replay_options = replay_options(options.search.run.oracles);
	console.print(report::picture(stress.stepped->schedule, result, picture));
	console.print(fmt::format("  found:   {} in free run {}, {:.1f} s; {} of the same "
				  "operations later as above\n",
				  title(stress.free.finding), stress.free.runs, stress.seconds,
				  runs_word(stress.retries + 1, "stepped ")));
	console.print(recent_text(stress.free));
}

int status_of(const Stress &stress)
{
	if (stress.violation())
		return kViolation;
	if (stress.signal)
		return 128 + stress.signal;
	return stress.unclear ? kCannotTell : kClean;
}

/// What was found, in a stepped run if there is one that shows it.
report::Case case_of(const CommandOptions &options, const Stress &stress,
		     const std::optional<Result> &result)
{
	const schedule::Schedule &base = options.search.base;
	report::Case one{ .suite = "stress",
			  .name = base.bug.empty() ? base.scheme : base.bug,
			  .scheme = base.scheme,
			  .message = runs_word(stress.free.runs, "free ") };
	if (result)
		one = command::case_of(one.suite, one.name, stress.stepped->schedule, *result,
				       replay_options(options.search.run.oracles),
				       options.minimize ? &*stress.stepped : nullptr);
	else if (stress.violation())
		one = command::case_of(one.suite, one.name, *stress.free.schedule,
				       Result{ .finding = stress.free.finding },
				       "--mode free --runs 10000");
	else if (stress.signal || stress.unclear)
		one.verdict = report::Verdict::error;
	if (one.verdict == report::Verdict::error)
		one.message += stress.unclear ? ", and some hung" : ", then interrupted";
	return one;
}

} // namespace

int stress(const Arguments &arguments, Console &console)
{
	CommandOptions options;
	if (const auto status = parse_stress_options(options, arguments, console))
		return *status;
	std::optional<NewFile> file;
	if (!options.output.empty())
		file.emplace(options.output);
	options.reports.open(console);

	Stressor stressor(options, console);
	const Stress stress = stressor.run();
	std::string written;
	std::optional<Result> result;
	if (stress.stepped)
		result = run_twice(stressor.stepped(), stress.stepped->schedule,
				   options.search.run.oracles);
	if (file && stress.violation())
		written = write_witness(
			*file, stress.stepped ? stress.stepped->schedule : *stress.free.schedule,
			result ? *result : Result{ .finding = stress.free.finding });
	options.reports.add(case_of(options, stress, result));
	if (options.json) {
		Json json = json_of(options, stress, stressor.stepped());
		json["witness"] = written.empty() ? Json() : Json(written);
		console.print(report::dump(json));
		return options.reports.finish(status_of(stress), console);
	}
	if (stress.stepped)
		show_stepped(options, stress, *result, console);
	else if (stress.violation())
		console.print(only_free_text(options, stress, console.style()));
	else
		console.print(nothing_text(options, stress, console.style()));
	if (!written.empty())
		console.print(fmt::format("  witness: {}\n", written));
	return options.reports.finish(status_of(stress), console);
}

} // namespace lazymm::command
