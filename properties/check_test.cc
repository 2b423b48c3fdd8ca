// SPDX-License-Identifier: MIT
// What checks the properties is checked: coverage that is missing is a failure, a case that fails
// becomes small, and what failed is asked about first.
#include <gtest/gtest.h>

#include "core/schedule/size.h"
#include "core/schemes/registry.h"
#include "properties/saved_test.h"

namespace lazymm::properties
{
namespace
{

Property over(std::function<void(Case &)> body)
{
	return { .name = "test-only",
		 .promise = "what a test says",
		 .mixes = { exit_heavy },
		 .check = std::move(body),
		 .covers = { { "a thing", 0.5 } },
		 .cases = 200,
		 .file = "there.cc",
		 .line = 7 };
}

bool forks_twice(const Schedule &schedule)
{
	unsigned forks = 0;
	for (const auto &script : schedule.cpus)
		for (const schedule::Op &op : script)
			forks += op.kind == schedule::OpKind::fork;
	return forks >= 2;
}

TEST(Check, FailsIfTheCasesDoNotWhatItIsAbout)
{
	unsigned cases = 0;
	const Property never = over([](Case &c) { c.did("a thing", false); });
	const Property forgotten = over([](Case &) {});
	const Property seldom = over([&](Case &c) { c.did("a thing", cases++ % 4 == 0); });
	const Property often = over([](Case &c) { c.did("a thing"); });
	for (const Property *property : { &never, &forgotten, &seldom }) {
		const Checked checked = check(*property, "refcount");
		EXPECT_FALSE(checked.failure);
		ASSERT_EQ(uncovered(*property, checked).size(), 1u);
		EXPECT_EQ(uncovered(*property, checked)[0].find("a thing: in "), 0u);
	}
	EXPECT_TRUE(uncovered(often, check(often, "refcount")).empty());
}

TEST(Check, WhatFailsBecomesSmallAndExplicit)
{
	unsigned line = 0;
	const Property property = over([&](Case &c) {
		c.run();
		line = __LINE__ + 1;
		require(!forks_twice(c.schedule), "two-forks", "It forks twice.");
	});
	const Checked checked = check(property, "refcount");
	ASSERT_TRUE(checked.failure);
	const Failure &failure = *checked.failure;
	EXPECT_TRUE(failure.again);
	EXPECT_TRUE(failure.minimized.minimal);
	EXPECT_FALSE(failure.schedule.search);
	EXPECT_EQ(schedule::size(failure.schedule).ops, 2u);
	EXPECT_EQ(failure.result.finding->oracle, "test-only");
	EXPECT_EQ(failure.result.finding->kind, "two-forks");
	EXPECT_EQ(failure.result.finding->line, line);
	EXPECT_NE(failure.result.finding->file.find("properties/check_test.cc"), std::string::npos);
	const std::string shown = picture(property, failure);
	EXPECT_EQ(shown.find("lazymm: VIOLATION test-only: two-forks"), 0u) << shown;
	EXPECT_NE(shown.find("replay:  lazymm replay LMM1:refcount:"), std::string::npos) << shown;
	EXPECT_NE(shown.find("--property test-only"), std::string::npos) << shown;
}

TEST(Check, ASeedThatIsNoStrategysIsLeftAlone)
{
	Property property = over([](Case &c) {
		c.run();
		require(!c.schedule.search || !forks_twice(c.schedule), "two-forks");
	});
	property.seeded = true;
	const Checked checked = check(property, "refcount");
	ASSERT_TRUE(checked.failure);
	EXPECT_TRUE(checked.failure->again);
	EXPECT_TRUE(checked.failure->schedule.search);
	EXPECT_EQ(schedule::size(checked.failure->schedule).ops, 2u);
}

TEST(Check, WhatDoesNotShowAgainIsSaidToBeSo)
{
	unsigned runs = 0;
	const Property flaky = over([&](Case &c) {
		c.run();
		require(++runs != 5, "once");
	});
	const Checked checked = check(flaky, "refcount");
	ASSERT_TRUE(checked.failure);
	EXPECT_FALSE(checked.failure->again);
	EXPECT_EQ(checked.failure->result.finding->kind, "once");
}

TEST(Check, WhatFailedBeforeIsAskedAboutFirst)
{
	char name[] = "/tmp/lazymm-failures-XXXXXX";
	const std::string failures = mkdtemp(name);
	const Property property = over([](Case &c) {
		c.run();
		require(!forks_twice(c.schedule), "two-forks");
	});
	Checked checked = check(property, "refcount");
	ASSERT_TRUE(checked.failure);
	EXPECT_EQ(checked.failure->from.find("case "), 0u);
	const std::string saved = save_failure(failures, property, *checked.failure);
	EXPECT_EQ(saved, failures + "/test-only/refcount-1.sched");
	EXPECT_EQ(save_failure(failures, property, *checked.failure),
		  failures + "/test-only/refcount-2.sched");

	CheckOptions options;
	options.first = replayed_first(failures, property, "refcount", "");
	// And the corpus behind it, without what is planted there.
	ASSERT_GT(options.first.size(), 30u);
	EXPECT_EQ(options.first[0].schedule, checked.failure->schedule);
	EXPECT_EQ(options.first[2].name.find("corpus/refcount/"), 0u);
	for (const NamedSchedule &named : options.first)
		EXPECT_EQ(named.schedule.bug, "") << named.name;
	checked = check(property, "refcount", options);
	ASSERT_TRUE(checked.failure);
	EXPECT_EQ(checked.failure->from, saved);
	EXPECT_EQ(checked.cases, 0u);
	EXPECT_TRUE(replayed_first(failures, property, "shootdown", "")[0].name.starts_with(
		"corpus/shootdown/"));
	std::filesystem::remove_all(failures);
}

TEST(Check, TheSameCasesInEveryBuild)
{
	std::vector<Schedule> one, two;
	for (std::vector<Schedule> *cases : { &one, &two }) {
		const Property property =
			over([&](Case &c) { cases->push_back(c.schedule), c.did("a thing"); });
		CheckOptions options;
		options.cases = 20;
		check(property, "refcount", options);
	}
	EXPECT_EQ(one.size(), 20u);
	EXPECT_EQ(one, two);
}

/// Each planted bug that a property names as its twin, caught by it within its usual cases.
class Twins : public testing::TestWithParam<const Property *>
{
};

TEST_P(Twins, AreCaught)
{
	const Property &property = *GetParam();
	CheckOptions options;
	options.bug = property.twin;
	options.cases = 200'000; // until it is found
	const Checked checked = check(property, schemes::find_bug(property.twin)->scheme, options);
	ASSERT_TRUE(checked.failure) << property.name;
	EXPECT_TRUE(checked.failure->again);
	EXPECT_TRUE(checked.failure->minimized.minimal);
	EXPECT_EQ(checked.failure->result.finding->oracle, property.name);
}

std::vector<const Property *> with_twins()
{
	std::vector<const Property *> all = all_properties();
	std::erase_if(all, [](const Property *p) { return !p->twin; });
	return all;
}

INSTANTIATE_TEST_SUITE_P(, Twins, testing::ValuesIn(with_twins()), [](const auto &info) {
	std::string name = info.param->name;
	std::replace(name.begin(), name.end(), '-', '_');
	return name;
});

} // namespace
} // namespace lazymm::properties
