// SPDX-License-Identifier: MIT
#include "core/machine/clock.h"

#include <gtest/gtest.h>

namespace lazymm::machine
{
namespace
{

Clock clock_of(std::initializer_list<int> lanes)
{
	Clock c;
	unsigned cpu = 0;
	for (int n : lanes) {
		for (int i = 0; i < n; i++)
			c.add(Clock::unit(cpu));
		cpu++;
	}
	return c;
}

TEST(Clock, BeginsAtZero)
{
	for (unsigned cpu = 0; cpu < kMaxCpus; cpu++) {
		EXPECT_EQ(Clock{}.lane(cpu), 0);
		for (unsigned other = 0; other < kMaxCpus; other++)
			EXPECT_EQ(Clock::unit(cpu).lane(other), cpu == other);
	}
}

TEST(Clock, JoinIsTheLeastUpperBound)
{
	const Clock a = clock_of({ 3, 0, 2 }), b = clock_of({ 1, 4, 2 });
	const Clock j = joined(a, b);
	EXPECT_EQ(j, clock_of({ 3, 4, 2 }));
	EXPECT_EQ(j, joined(b, a));
	EXPECT_EQ(j, joined(j, a));
	EXPECT_TRUE(j.covers(a));
	EXPECT_TRUE(j.covers(b));
}

TEST(Clock, CoversIsAPartialOrderOverAllLanes)
{
	const Clock a = clock_of({ 3, 0, 2 }), b = clock_of({ 1, 4, 2 });
	EXPECT_FALSE(a.covers(b));
	EXPECT_FALSE(b.covers(a));
	EXPECT_TRUE(a.covers(a));
	for (unsigned cpu = 0; cpu < kMaxCpus; cpu++) {
		EXPECT_FALSE(Clock{}.covers(Clock::unit(cpu)));
		EXPECT_TRUE(Clock::unit(cpu).covers(Clock{}));
	}
}

TEST(Clock, EpochIsOneLane)
{
	const Clock c = clock_of({ 3, 5, 2 });
	EXPECT_EQ(c.epoch(Clock::unit(1)), clock_of({ 0, 5 }));
	Clock reads = clock_of({ 1, 1, 9 });
	reads.set_epoch(c, Clock::unit(1));
	EXPECT_EQ(reads, clock_of({ 1, 5, 9 }));
	reads.set_epoch(Clock{}, Clock::unit(2));
	EXPECT_EQ(reads, clock_of({ 1, 5 }));
}

} // namespace
} // namespace lazymm::machine
