// SPDX-License-Identifier: MIT
// lazymm replay: run one schedule, and show what happens.
#include "core/report/words.h"
#include "core/schedule/token.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/reports.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"
#include "properties/check.h"

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

/// Every event of the trace, one a line.
std::string trace_text(const machine::Trace &trace)
{
	std::string text;
	for (const machine::Event &event : trace.events) {
		const std::string what = event.note ? kernel::describe(kernel::from_note(event))
						    : report::access_text(event);
		if (what.empty())
			continue;
		const std::string op = event.op == machine::kNoOp ? "-" : std::to_string(event.op);
		text += fmt::format("{:>6} cpu{} {:>3}+{:<4} {}{}\n", event.step, event.cpu, op,
				    event.at, event.note ? "  " : "", what);
	}
	return text;
}

int status_of(const Result &result)
{
	if (result.finding)
		return kViolation;
	return conclusive(result) ? kClean : kCannotTell;
}

report::Case case_of(const Source &source, const schedule::Schedule &schedule, const Result &result,
		     const std::string &how)
{
	const std::string name =
		source.file().empty() ? schedule::to_token(schedule) : source.file();
	report::Case one = command::case_of("replay", name, schedule, result, how);
	one.file = source.file();
	return one;
}

/// CPUs run truly in parallel, nothing is recorded: for sanitizers, and for stress.
int run_free(Runner &runner, const schedule::Schedule &schedule, std::uint64_t runs,
	     const std::vector<std::string> &oracles, Result &last, Console &console)
{
	RunOptions options;
	options.mode = Mode::free;
	options.oracles = oracles;
	for (std::uint64_t i = 0; i < runs; i++) {
		Result &result = last = runner.run(schedule, options);
		// Nobody has moved for a while: a suspicion, of which free runs have no proof.
		if (result.outcome == Outcome::stuck || result.outcome == Outcome::limit)
			result.finding.reset();
		if (result.finding) {
			console.print(fmt::format("lazymm: VIOLATION {} in free run {}: {}\n",
						  report::title(*result.finding), i + 1,
						  result.finding->text));
			return kViolation;
		}
		if (!conclusive(result)) {
			console.print(
				fmt::format("lazymm: cannot tell: free run {} ended with {}\n",
					    i + 1, report::name(result.outcome)));
			return kCannotTell;
		}
	}
	console.print(
		fmt::format("lazymm: no violation in {} free runs; what free runs can not show "
			    "(kernel promises), stepped ones do\n",
			    runs));
	return kClean;
}

/// What the property says of the schedule, twice: replay is to be exact.
Result ask(const properties::Property &property, const schedule::Schedule &schedule)
{
	properties::Judge judge(property);
	const Result first = judge(schedule);
	Result second = judge(schedule);
	if (first.finding.has_value() != second.finding.has_value() ||
	    (first.finding && !first.finding->same_as(*second.finding)))
		throw Failure(fmt::format("replay diverged: '{}' says something else the second "
					  "time; please report it",
					  property.name),
			      kCannotTell);
	return second;
}

void show(const schedule::Schedule &schedule, const Result &result, const std::string &how,
	  bool json, bool trace, Console &console)
{
	if (json) {
		console.print(report::dump(report::to_json(schedule, result)));
		return;
	}
	report::PictureOptions options;
	options.style = console.style();
	options.replay_options = how;
	console.print(report::picture(schedule, result, options));
	if (trace && result.trace)
		console.print('\n' + trace_text(*result.trace));
}

} // namespace

int replay(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"replay",
		"Runs one schedule and shows what happens. Exit status 1 if a promise is "
		"broken, 0 if not,\n125 if this build cannot tell: as git bisect wants it.",
		"lazymm replay LMM1:lazymm-2021:ACG9; lazymm replay crash-1f0 --scheme refcount");
	CLI::App &app = line.app();
	const Source source(app);
	std::string engine = "fibers", mode = "stepped";
	std::vector<std::string> oracle_lists;
	std::string property;
	std::uint64_t runs = 1;
	bool trace = false, json = false;
	app.add_option("--engine", engine, "fibers or threads: the same, bit for bit")
		->type_name("NAME");
	app.add_option("--mode", mode, "stepped, or free: CPUs truly in parallel, scripts only")
		->type_name("MODE");
	app.add_option("--runs", runs, "free runs to make (1)")
		->check(is_number(1, ~0ull))
		->type_name("N");
	app.add_option("--oracles", oracle_lists, "only these may speak: a,b")
		->allow_extra_args(false)
		->type_name("NAMES");
	app.add_option("--property", property, "ask this property about it, and not the oracles")
		->type_name("NAME");
	app.add_flag("--trace", trace, "every access and event below the picture");
	app.add_flag("--json", json, "as JSON");
	Reports reports;
	reports.add_option(app);
	if (const auto status = line.parse(arguments, console))
		return *status;

	constexpr std::string_view modes[] = { "stepped", "free" };
	const bool free = choose("--mode", mode, modes) == 1;
	if (!property.empty() && (free || engine != "fibers" || !oracle_lists.empty()))
		throw Failure("--property: a property says itself how it runs a schedule; leave "
			      "--engine, --mode and --oracles out");
	const std::vector<std::string> oracles = oracle_names(oracle_lists);
	const schedule::Schedule schedule = source.load(console);
	Runner runner(engine_of(engine));
	prepare(runner, schedule, source.name());
	reports.open(console);
	const std::string how =
		property.empty() ? replay_options(oracles) : "--property " + property;
	Result result;
	int status = 0;
	if (free) {
		status = run_free(runner, schedule, runs, oracles, result, console);
	} else {
		result = property.empty() ? run_twice(runner, schedule, oracles)
					  : ask(property_of(property), schedule);
		show(schedule, result, how, json, trace, console);
		status = status_of(result);
	}
	reports.add(case_of(source, schedule, result, how));
	return reports.finish(status, console);
}

} // namespace lazymm::command
