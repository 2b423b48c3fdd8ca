// SPDX-License-Identifier: MIT
#include "properties/check.h"

#include <algorithm>
#include <limits>
#include <ostream>
#include <unordered_map>

#include <fmt/format.h>
#include <rapidcheck.h>
#include <rapidcheck/detail/TestListenerAdapter.h>

#include "core/report/picture.h"
#include "core/schedule/text.h"
#include "properties/silence_tsan.h"

namespace lazymm::schedule
{
/// What RapidCheck shows of a schedule.
static void showValue(const Schedule &schedule, std::ostream &out)
{
	out << '\n' << to_text(schedule);
}
} // namespace lazymm::schedule

namespace lazymm::properties
{

namespace
{

/// Sanitizers cost 5 to 20 times; how many cases there are never depends on a clock.
constexpr unsigned kSlower = LAZYMM_TSAN || LAZYMM_ASAN ? 10 : 1;
/// Enough for nearly all.
constexpr std::uint64_t kReplays = 200'000 / kSlower;

/// The same in every build.
std::uint64_t seed_of(const std::string &names)
{
	std::uint64_t hash = 0xcbf29ce484222325;
	for (const char c : names)
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
	return hash;
}

rc::Gen<Schedule> cases_of(const Property &property, const std::string &scheme,
			   const std::string &bug)
{
	return [&property, scheme, bug](rc::Random random, int) {
		schedule::Rng rng(random.next());
		Schedule s = random_case(property, scheme, rng);
		if (!bug.empty())
			s.bug = bug;
		return rc::shrinkable::just(std::move(s));
	};
}

class Checking
{
public:
	Checking(const Property &property, const CheckOptions &options)
		: property_(property), options_(options), judge_(property)
	{
		checked_.did.resize(property.covers.size());
	}

	void look_at_first();
	void look_at_random(const std::string &scheme);
	Checked result() { return std::move(checked_); }

private:
	void fail(const std::string &from, const Schedule &schedule, const Result &result);

	const Property &property_;
	const CheckOptions &options_;
	Judge judge_;
	Checked checked_;
};

void Checking::look_at_first()
{
	for (const NamedSchedule &named : options_.first) {
		if (checked_.failure)
			return;
		const Result &result = judge_(named.schedule);
		if (result.finding)
			fail(named.name, named.schedule, result);
	}
}

void Checking::look_at_random(const std::string &scheme)
{
	if (checked_.failure)
		return;
	rc::detail::TestMetadata metadata;
	metadata.id = property_.name;
	rc::detail::TestParams params;
	params.seed =
		options_.seed ? options_.seed : seed_of(property_.name + scheme + options_.bug);
	params.maxSuccess =
		static_cast<int>(options_.cases ? options_.cases : usual_cases(property_));
	params.disableShrinking = true;
	rc::detail::TestListenerAdapter quiet;
	const auto gen = cases_of(property_, scheme, options_.bug);
	std::optional<Schedule> failed;
	Result result;
	rc::detail::checkTestable(
		[&] {
			if (options_.interrupted && options_.interrupted())
				RC_FAIL("interrupted");
			const Schedule s = *gen;
			checked_.cases++;
			if (const Result &said = judge_(s); said.finding) {
				failed = s;
				result = said;
				RC_FAIL("see there");
			}
			for (std::size_t i = 0; i < checked_.did.size(); i++)
				checked_.did[i] += judge_.done() >> i & 1;
		},
		metadata, params, quiet, std::unordered_map<std::string, rc::detail::Reproduce>());
	if (failed)
		fail(fmt::format("case {}", checked_.cases), *failed, result);
}

void Checking::fail(const std::string &from, const Schedule &schedule, const Result &result)
{
	Failure &failure = checked_.failure.emplace();
	failure.from = from;
	failure.schedule = schedule;
	failure.result = result;
	const Finding finding = *result.finding;
	if (!options_.minimize)
		return;
	const SilenceTsan silence; // it has said so once
	Schedule bare = schedule;
	// A seed that says something else than what a strategy decides stays out of it.
	const auto seed = property_.seeded ? schedule.search : std::nullopt;
	if (seed)
		bare.search.reset();
	const auto with_seed = [&](Schedule s) {
		if (seed && !s.search)
			s.search = seed;
		return s;
	};
	const RunFunction run = [&](const Schedule &s) -> const Result & {
		return judge_(with_seed(s));
	};
	const MinimizeBudget budget{ .seconds = std::numeric_limits<double>::infinity(),
				     .replays = kReplays };
	const auto smaller = minimize(run, bare, finding, budget, options_.interrupted);
	if (!smaller) {
		failure.again = false;
		return;
	}
	failure.minimized = *smaller;
	failure.schedule = with_seed(smaller->schedule);
	const Result &last = judge_(failure.schedule);
	if (last.finding)
		failure.result = last;
	else
		failure.again = false;
}

} // namespace

unsigned usual_cases(const Property &property)
{
	return std::min(property.cases, std::max(100u, property.cases / kSlower));
}

Schedule random_case(const Property &property, const std::string &scheme, schedule::Rng &rng)
{
	const Mix &mix =
		property.mixes[rng.below(static_cast<std::uint32_t>(property.mixes.size()))];
	Schedule s = mix.make(rng, mix.variant);
	s.scheme = scheme;
	// Linux's own is right under both protocols.
	if (scheme == "refcount")
		s.hotplug = static_cast<schedule::Hotplug>(rng.below(3));
	return s;
}

Checked check(const Property &property, const std::string &scheme, const CheckOptions &options)
{
	Checking checking(property, options);
	checking.look_at_first();
	checking.look_at_random(scheme);
	return checking.result();
}

std::vector<std::string> uncovered(const Property &property, const Checked &checked)
{
	std::vector<std::string> all;
	for (std::size_t i = 0; i < property.covers.size(); i++) {
		const Cover &cover = property.covers[i];
		if (checked.did[i] < cover.share * checked.cases)
			all.push_back(fmt::format("{}: in {} of {} cases, fewer than {} %",
						  cover.what, checked.did[i], checked.cases,
						  cover.share * 100));
	}
	return all;
}

std::string picture(const Property &property, const Failure &failure)
{
	report::PictureOptions options;
	if (failure.again && failure.minimized.replays)
		options.minimized = &failure.minimized;
	options.costs = false;
	options.replay_options = fmt::format("--property {}", property.name);
	return report::picture(failure.schedule, failure.result, options);
}

} // namespace lazymm::properties
