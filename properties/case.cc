// SPDX-License-Identifier: MIT
#include "properties/spec.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/machine/bug.h"
#include "core/report/picture.h"

namespace lazymm::properties
{

namespace
{

void prepare(Runner &runner, const Schedule &schedule)
{
	if (const auto refusal = runner.prepare(schedule))
		machine::harness_bug(refusal->message.c_str());
}

const Result &recorded(Runner &runner, const Schedule &schedule,
		       const std::vector<std::string> &oracles = {})
{
	prepare(runner, schedule);
	return runner.run(schedule, { .record = true, .oracles = oracles });
}

} // namespace

Case::Case(const Property &property, const Schedule &case_schedule, Bench &bench)
	: schedule(case_schedule), property_(property), bench_(bench)
{
}

void Case::save()
{
	if (first_ && !saved_)
		saved_ = *first_;
}

const Result &Case::keep(const Result &result)
{
	if (!first_)
		first_ = &result;
	return result;
}

const Result &Case::run(const std::vector<std::string> &oracles)
{
	save();
	return keep(recorded(bench_.runner, schedule, oracles));
}

Result Case::run_in_turn(Observed &observed)
{
	save();
	prepare(bench_.runner, schedule);
	Result result = lazymm::run_in_turn(bench_.runner, schedule, observed);
	if (!first_)
		first_ = &saved_.emplace(result);
	return result;
}

const Result &Case::run_beside(const Schedule &other)
{
	return run_beside(other, { .record = true });
}

const Result &Case::run_beside(const Schedule &other, const RunOptions &options)
{
	if (!bench_.reference)
		bench_.reference.emplace();
	prepare(*bench_.reference, other);
	return bench_.reference->run(other, options);
}

Result Case::run_beside_in_turn(const Schedule &other, Observed &observed)
{
	if (!bench_.reference)
		bench_.reference.emplace();
	prepare(*bench_.reference, other);
	return lazymm::run_in_turn(*bench_.reference, other, observed);
}

const Result &Case::run_on_threads()
{
	if (!bench_.threads)
		bench_.threads.emplace(Engine::threads);
	return recorded(*bench_.threads, schedule);
}

std::optional<Minimized> Case::minimize_beside(const Finding &finding, std::uint64_t replays)
{
	if (!bench_.reference)
		bench_.reference.emplace();
	return minimize(*bench_.reference, schedule, finding, {},
			{ .seconds = std::numeric_limits<double>::infinity(), .replays = replays });
}

const Result &Case::shown()
{
	static const Result nothing;
	return saved_ ? *saved_ : first_ ? *first_ : nothing;
}

void Case::did(const char *what, bool yes)
{
	for (std::size_t i = 0; i < property_.covers.size(); i++)
		if (!std::strcmp(property_.covers[i].what, what)) {
			done_ |= std::uint64_t{ yes } << i;
			return;
		}
	machine::harness_bug("a spec says what it did, and its property covers nothing like it");
}

void require_silence(const Result &result, const std::source_location &where)
{
	if (result.finding)
		throw Broken{ report::title(*result.finding), result.finding->text, where };
	require(result.outcome == Outcome::completed, "no-end", "The run did not end.", where);
}

void require_same(const Result &one, const Result &two, const std::source_location &where)
{
	require(one.outcome == two.outcome && one.finding.has_value() == two.finding.has_value(),
		"verdict-differs", "Two runs of the same end differently.", where);
	if (one.finding)
		require(one.finding->same_as(*two.finding) &&
				one.finding->text == two.finding->text,
			"finding-differs",
			"One run says: " + one.finding->text +
				" The other one: " + two.finding->text,
			where);
	require(one.accesses == two.accesses && one.trace->hash() == two.trace->hash(),
		"trace-differs", "Two runs of the same have different traces.", where);
}

bool happened(const Result &result, EventKind kind)
{
	return std::any_of(
		result.trace->events.begin(), result.trace->events.end(),
		[&](const machine::Event &e) { return e.note == static_cast<unsigned>(kind); });
}

std::vector<kernel::KernelEvent> events(const Result &result)
{
	std::vector<kernel::KernelEvent> all;
	for (const machine::Event &event : result.trace->events)
		if (event.note)
			all.push_back(kernel::from_note(event));
	return all;
}

} // namespace lazymm::properties
