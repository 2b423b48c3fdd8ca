// SPDX-License-Identifier: MIT
// lazymm diff: the same operations under two schemes. What user space observes has to agree; what
// it costs stands side by side.
#include "core/harness/cost.h"
#include "core/harness/observe.h"
#include "core/report/json.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/reports.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

using report::Json;

/// One of the two sides.
struct Side {
	explicit Side(std::string name) : scheme(std::move(name)) {}

	std::string scheme;
	Runner runner;
	Observed observed;
	Result result;

	void run(schedule::Schedule schedule)
	{
		schedule.scheme = scheme;
		prepare(runner, schedule, "");
		result = run_in_turn(runner, schedule, observed);
	}
	Cost cost() const { return lazymm::cost(*result.trace); }
};

constexpr std::array<std::pair<const char *, unsigned Cost::*>, 5> kCosts = { {
	{ "RMWs on lines of mms", &Cost::rmws },
	{ "full barriers", &Cost::barriers },
	{ "page tables loaded", &Cost::loads },
	{ "IPIs", &Cost::ipis },
	{ "grace periods", &Cost::grace_periods },
} };

/// The first line that is not the same, from 0; or nothing.
std::optional<std::size_t> difference(const Side &one, const Side &two)
{
	const auto &a = one.observed.lines, &b = two.observed.lines;
	const auto [i, j] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
	if (i == a.end() && j == b.end())
		return std::nullopt;
	return static_cast<std::size_t>(i - a.begin());
}

std::string line(const Side &side, std::size_t i)
{
	if (i < side.observed.lines.size())
		return side.observed.lines[i];
	if (side.result.finding)
		return side.result.finding->oracle + ": " + side.result.finding->text;
	return "nothing";
}

Json to_json(const Side &side)
{
	Json costs;
	for (const auto &[name, member] : kCosts)
		costs[name] = side.cost().*member;
	return { { "scheme", side.scheme },
		 { "observed", side.observed.lines },
		 { "kept", side.observed.kept },
		 { "violation", side.result.finding.has_value() },
		 { "costs", costs } };
}

std::string table(const Side &one, const Side &two)
{
	const std::size_t width = std::max({ one.scheme.size(), two.scheme.size(), 8ul });
	std::string text =
		fmt::format("  {:<24}{:>{}}  {:>{}}\n", "", one.scheme, width, two.scheme, width);
	const auto row = [&](const char *name, unsigned a, unsigned b) {
		text += fmt::format("  {:<24}{:>{}}  {:>{}}\n", name, a, width, b, width);
	};
	for (const auto &[name, member] : kCosts)
		row(name, one.cost().*member, two.cost().*member);
	row("mms kept at the end", one.observed.kept, two.observed.kept);
	return text;
}

/// What there is to say when they differ.
std::string difference_text(const Side &one, const Side &two, std::size_t at)
{
	return fmt::format("  {}: {}\n  {}: {}\n", one.scheme, line(one, at), two.scheme,
			   line(two, at));
}

int compare(const schedule::Schedule &schedule, Side &one, Side &two, std::uint64_t orders,
	    bool json, report::Case &what, Console &console)
{
	schedule::Schedule ordered = schedule;
	std::optional<std::size_t> differs;
	std::uint64_t seed = schedule.search ? schedule.search->seed : 1;
	for (std::uint64_t i = 0; i < orders && !differs; i++) {
		ordered.search = { schedule::Strategy::portfolio,
				   static_cast<std::uint32_t>(seed + i) };
		one.run(ordered);
		two.run(ordered);
		differs = difference(one, two);
	}
	if (json) {
		console.print(report::dump({ { "agree", !differs },
					     { "seed", ordered.search->seed },
					     { "sides", { to_json(one), to_json(two) } } }));
	} else if (differs) {
		console.print(fmt::format("lazymm: {} and {} {} (order {}):\n{}", one.scheme,
					  two.scheme, console.style().bad("differ"),
					  ordered.search->seed,
					  difference_text(one, two, *differs)));
	} else {
		console.print(fmt::format(
			"lazymm: {} and {} {} in {} observation{}{}\n{}", one.scheme, two.scheme,
			console.style().good("agree"), one.observed.lines.size(),
			one.observed.lines.size() == 1 ? "" : "s",
			orders > 1 ? fmt::format(", in {} orders", orders) : "", table(one, two)));
	}
	if (!differs)
		return kClean;
	what.verdict = report::Verdict::failed;
	what.message = fmt::format("{} and {} differ (order {}):\n{}", one.scheme, two.scheme,
				   ordered.search->seed, difference_text(one, two, *differs));
	return kViolation;
}

} // namespace

int diff(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"diff",
		"Carries out the operations of a schedule one after the other, under its own "
		"scheme and under\nanother one. What user space observes (results of system "
		"calls, values, who runs where, which\nmms are there) has to agree: exit status "
		"1 if it does not. Costs are printed side by side.",
		"lazymm diff corpus/refcount/seeds/oom-victim.sched --with shootdown");
	CLI::App &app = line.app();
	const Source source(app);
	std::string other = "no-lazy";
	std::uint64_t orders = 1;
	bool json = false;
	app.add_option("--with", other, "the other scheme (no-lazy)")->type_name("NAME");
	app.add_option("--orders", orders, "in so many orders of the operations (1)")
		->check(is_number(1, ~0u));
	app.add_flag("--json", json, "as JSON");
	Reports reports;
	reports.add_option(app);
	if (const auto status = line.parse(arguments, console))
		return *status;
	check_scheme(other);
	schedule::Schedule schedule = source.load(console);
	if (!schedule.bug.empty())
		throw Failure("a planted bug is at home in one scheme: take the line 'bug " +
			      schedule.bug + "' out of the schedule");
	Side one(schedule.scheme), two(other);
	reports.open(console);
	report::Case what{ .suite = "diff",
			   .name = fmt::format("{} and {}: {}", one.scheme, two.scheme,
					       source.name()),
			   .scheme = one.scheme,
			   .file = source.file() };
	const int status = compare(schedule, one, two, orders, json, what, console);
	reports.add(std::move(what));
	return reports.finish(status, console);
}

} // namespace lazymm::command
