// SPDX-License-Identifier: MIT
// What a strategy decided, written down, is the same run; and looking at a run does not change it.
// Everything else stands on this: witnesses, minimising, replays.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "core/harness/run.h"
#include "core/schedule/edits.h"
#include "core/schedule/text.h"

namespace lazymm
{
namespace
{

class RandomSchedules : public testing::TestWithParam<const char *>
{
public:
	Schedule next()
	{
		Schedule s = schedule::random_schedule(rng, schedule::default_alphabet(),
						       1 + rng.below(4), 14);
		s.scheme = GetParam();
		s.memory = static_cast<schedule::Memory>(rng.below(3));
		EXPECT_FALSE(runner.prepare(s));
		return s;
	}

	schedule::Rng rng{ 1 };
	Runner runner;
	RunOptions recorded = [] {
		RunOptions options;
		options.record = true;
		return options;
	}();
};

TEST_P(RandomSchedules, MadeExplicitAreTheSameRun)
{
	for (unsigned i = 0; i < 10'000; i++) {
		const Schedule s = next();
		const Result first = runner.run(s, recorded);
		const Schedule explicit_one = made_explicit(s, first);
		const Result &again = runner.run(explicit_one, recorded);
		ASSERT_FALSE(first.unanchored);
		ASSERT_EQ(first.outcome, again.outcome);
		ASSERT_EQ(first.trace->hash(), again.trace->hash())
			<< schedule::to_text(s) << schedule::to_text(explicit_one);
	}
}

TEST_P(RandomSchedules, RunTheSameUnrecorded)
{
	for (unsigned i = 0; i < 10'000; i++) {
		const Schedule s = next();
		const Result first = runner.run(s, recorded);
		const Result &again = runner.run(s);
		ASSERT_EQ(first.outcome, again.outcome);
		ASSERT_EQ(first.accesses, again.accesses) << schedule::to_text(s);
		ASSERT_EQ(first.taken.size(), again.taken.size());
		for (std::size_t k = 0; k < first.taken.size(); k++) {
			ASSERT_EQ(first.taken[k].op, again.taken[k].op);
			ASSERT_EQ(first.taken[k].decision, again.taken[k].decision);
		}
	}
}

INSTANTIATE_TEST_SUITE_P(, RandomSchedules,
			 testing::Values("refcount", "lazymm-2021", "lazymm-2022"),
			 [](const auto &info) {
				 std::string name = info.param;
				 name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
				 return name;
			 });

} // namespace
} // namespace lazymm
