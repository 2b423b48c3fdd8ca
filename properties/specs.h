// SPDX-License-Identifier: MIT
// What the specs share: schedules that RapidCheck generates and shrinks, runs of them, and how many
// cases a property has.
#pragma once

#include <algorithm>
#include <ostream>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/harness/run.h"
#include "core/schedule/edits.h"
#include "core/schedule/names.h"
#include "core/schedule/shrinks.h"
#include "core/schedule/text.h"
#include "core/schemes/registry.h"

namespace lazymm::schedule
{
/// What RapidCheck shows of a schedule: a text that can be replayed.
inline void showValue(const Schedule &schedule, std::ostream &out)
{
	out << '\n' << to_text(schedule);
}
} // namespace lazymm::schedule

namespace lazymm::properties
{

/// Sanitizers cost 5 to 20 times; how many cases there are never depends on a clock.
inline constexpr int kSlower = LAZYMM_TSAN || LAZYMM_ASAN ? 10 : 1;

/// The experiment around a random script.
struct Setting {
	const char *scheme;
	unsigned cpus = 2;
	schedule::Hotplug hotplug = schedule::Hotplug::scheme;
	bool with_hotplug = true; ///< offline and online are among the operations
	bool user = false;	  ///< so are user code and membarrier(2)
};

/// Where nothing must ever be found: Linux's own scheme in more settings, and all that are called
/// sound, among user code and membarrier(2), too.
inline std::vector<Setting> correct_settings()
{
	std::vector<Setting> all = {
		{ "refcount", 2, schedule::Hotplug::h1 },
		{ "refcount", 3, schedule::Hotplug::h1 },
		{ "refcount", 2, schedule::Hotplug::h3 },
		{ .scheme = "refcount", .with_hotplug = false },
		{ "lazymm-2022", 2 },
		{ .scheme = "lazymm-2022", .with_hotplug = false },
	};
	for (const schemes::SchemeInfo *info : schemes::all_schemes())
		if (info->expect == schemes::Expect::sound)
			all.push_back({ .scheme = info->name, .cpus = 3, .user = true });
	return all;
}

/// For INSTANTIATE_TEST_SUITE_P().
inline std::string scheme_name(const testing::TestParamInfo<const char *> &info)
{
	std::string name = info.param;
	std::replace(name.begin(), name.end(), '-', '_');
	return name;
}
inline std::string setting_name(const testing::TestParamInfo<Setting> &info)
{
	const Setting &s = info.param;
	std::string name = s.scheme + std::to_string(s.cpus) + schedule::name(s.hotplug);
	std::erase(name, '-');
	return name + (s.with_hotplug ? "" : "_static") + (s.user ? "_user" : "");
}

/// All simpler schedules, for RapidCheck.
class Simpler
{
public:
	explicit Simpler(const Schedule &origin) : shrinks_(origin) {}
	rc::Maybe<Schedule> operator()()
	{
		Schedule out;
		if (!shrinks_.next(out))
			return rc::Nothing;
		return out;
	}

private:
	schedule::Shrinks shrinks_;
};

inline Schedule random_schedule(schedule::Rng &rng, const Setting &setting)
{
	schedule::Alphabet alphabet = schedule::default_alphabet();
	if (setting.user) {
		for (unsigned kind = 0; kind < schedule::kOpKinds; kind++)
			alphabet.weight[kind] += schedule::membarrier_alphabet().weight[kind];
		// Among as many others.
		alphabet[schedule::OpKind::offline] = alphabet[schedule::OpKind::online] = 3;
	}
	if (!setting.with_hotplug)
		alphabet[schedule::OpKind::offline] = alphabet[schedule::OpKind::online] = 0;
	Schedule s = schedule::random_schedule(rng, alphabet, setting.cpus, 20);
	s.scheme = setting.scheme;
	s.hotplug = setting.hotplug;
	s.memory = static_cast<schedule::Memory>(rng.below(3));
	return s;
}

/// Schedules with a random strategy and seed; they shrink as the minimiser shrinks.
inline rc::Gen<Schedule> schedules(Setting setting)
{
	return [setting](rc::Random random, int) {
		schedule::Rng rng(random.next());
		return rc::shrinkable::shrinkRecur(
			random_schedule(rng, setting),
			[](const Schedule &s) { return rc::makeSeq<Simpler>(s); });
	};
}

/// rc::check() over `cases` schedules (fewer under sanitizers), as a GoogleTest failure.
template <class Property>
void for_all(int cases, const Setting &setting, Property property)
{
	rc::detail::TestMetadata metadata;
	metadata.id = testing::UnitTest::GetInstance()->current_test_info()->name();
	rc::detail::TestParams params = rc::detail::configuration().testParams;
	params.maxSuccess = std::max(1, cases / kSlower);
	const auto result =
		rc::detail::checkTestable([&] { property(*schedules(setting)); }, metadata, params);
	if (!result.template is<rc::detail::SuccessResult>()) {
		std::ostringstream text;
		rc::detail::printResultMessage(result, text);
		FAIL() << text.str();
	}
}

/// A Runner that takes the schedule's scheme as it comes.
inline const Result &run(Runner &runner, const Schedule &s, const RunOptions &options = {})
{
	if (auto refusal = runner.prepare(s)) {
		ADD_FAILURE() << refusal->message;
		std::abort();
	}
	return runner.run(s, options);
}

inline const RunOptions kRecorded = [] {
	RunOptions options;
	options.record = true;
	return options;
}();

/// Whether something of that kind happened in a recorded run.
inline bool happened(const Result &result, kernel::EventKind kind)
{
	return std::any_of(
		result.trace->events.begin(), result.trace->events.end(),
		[&](const machine::Event &e) { return e.note == static_cast<unsigned>(kind); });
}

/// In a property: two recorded runs are the same.
inline void expect_same(const Result &one, const Result &two)
{
	RC_ASSERT(one.trace->hash() == two.trace->hash());
	RC_ASSERT(one.outcome == two.outcome);
	RC_ASSERT(one.accesses == two.accesses);
	RC_ASSERT(one.finding.has_value() == two.finding.has_value());
	if (one.finding)
		RC_ASSERT(one.finding->same_as(*two.finding) &&
			  one.finding->text == two.finding->text);
}

/// A property says nothing if its cases seldom do what it is about.
class Coverage
{
public:
	void count(bool did)
	{
		cases_++;
		did_ += did;
	}
	void expect(double share, const char *what) const
	{
		EXPECT_GE(did_, share * cases_) << what << " in " << did_ << " of " << cases_;
	}

private:
	double cases_ = 0, did_ = 0;
};

} // namespace lazymm::properties
