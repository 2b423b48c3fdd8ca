// SPDX-License-Identifier: MIT
// Strategies on the bare machine: they decide the same for the same seed, find planted bugs, and
// have the property that their paper is about.
#include "core/harness/strategy.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/harness/strategy_rig.h"
#include "core/machine/tsan.h"

namespace lazymm
{
namespace
{

using machine::Order;
using machine::Outcome;
using machine::RmwOp;
using machine::Shared;

constexpr unsigned kCpus = 3;

/// What the bodies share. Global because a body is a plain function.
struct World {
	Shared<int> counter{ "counter", nullptr };
	Shared<int> lock{ "lock", nullptr };
	Shared<int> own[kCpus] = { { "own0", nullptr }, { "own1", nullptr }, { "own2", nullptr } };
	std::vector<unsigned> order; ///< who came by, in order
	std::vector<unsigned> picks;

	void reset()
	{
		counter.init(0);
		lock.init(0);
		for (Shared<int> &word : own)
			word.init(0);
		order.clear();
		picks.clear();
	}
} world;

unsigned self()
{
	return machine::this_cpu().index;
}

// The test's own notes are no accesses of the bodies.

void came_by()
{
	machine::tsan::Ignore ignore;
	world.order.push_back(self());
}

void note_pick(unsigned k)
{
	machine::tsan::Ignore ignore;
	world.picks.push_back(k);
}

/// Accesses that nobody else is interested in.
void keep_busy(unsigned accesses)
{
	for (unsigned i = 0; i < accesses; i++)
		world.own[self()].store(static_cast<int>(i), Order::relaxed);
}

void walk(StrategyRig &)
{
	for (unsigned i = 0; i < 20; i++) {
		world.own[self()].store(1, Order::relaxed);
		came_by();
	}
}

void lost_update(StrategyRig &)
{
	keep_busy(10);
	const int value = world.counter.load(Order::relaxed);
	world.counter.store(value + 1, Order::relaxed);
	keep_busy(10);
}

void atomic_update(StrategyRig &)
{
	keep_busy(10);
	world.counter.rmw(RmwOp::add, 1, Order::relaxed, nullptr, std::source_location::current());
	keep_busy(10);
}

/// The same made right by a lock: CPUs wait for each other.
void locked_update(StrategyRig &rig)
{
	keep_busy(5);
	const auto where = std::source_location::current();
	while (world.lock.rmw(RmwOp::exchange, 1, Order::acquire, nullptr, where)) {
		machine::Wait wait{ .ready = [](void *) { return world.lock.peek() == 0; },
				    .what = "lock" };
		rig.machine().wait(wait);
	}
	const int value = world.counter.load(Order::relaxed);
	world.counter.store(value + 1, Order::relaxed);
	world.lock.store(0, Order::release);
	keep_busy(5);
}

unsigned alternations(const std::vector<unsigned> &order)
{
	unsigned n = 0;
	for (std::size_t i = 1; i < order.size(); i++)
		n += order[i] != order[i - 1];
	return n;
}

Outcome run(StrategyRig &rig, std::uint64_t seed, StrategyRig::Body body, unsigned cpus = 2)
{
	world.reset();
	return rig.run(seed, body, cpus);
}

class EachStrategy : public testing::TestWithParam<schedule::Strategy>
{
public:
	/// Seeds until an update is lost; `limit` if none is.
	unsigned runs_to_lose(StrategyRig::Body body, unsigned cpus, unsigned limit)
	{
		for (unsigned seed = 0; seed < limit; seed++) {
			EXPECT_EQ(run(rig, seed, body, cpus), Outcome::completed);
			if (world.counter.peek() != static_cast<int>(cpus))
				return seed;
		}
		return limit;
	}

	StrategyRig rig{ make_strategy(GetParam()) };
};

TEST_P(EachStrategy, DecidesTheSameForTheSameSeed)
{
	StrategyRig fresh(make_strategy(GetParam()));
	std::set<std::string> different;
	for (unsigned seed = 0; seed < 200; seed++) {
		run(rig, seed, locked_update, 1 + seed % 3);
		const std::string log = rig.log;
		run(rig, seed + 1, walk, 3); // leaves nothing behind
		run(rig, seed, locked_update, 1 + seed % 3);
		ASSERT_EQ(rig.log, log);
		run(fresh, seed, locked_update, 1 + seed % 3);
		ASSERT_EQ(fresh.log, log);
		different.insert(log);
	}
	EXPECT_GT(different.size(), 50u);
}

TEST_P(EachStrategy, FindsLostUpdate)
{
	EXPECT_LT(runs_to_lose(lost_update, 2, 1000), 500u);
	EXPECT_LT(runs_to_lose(lost_update, 3, 1000), 500u);
}

TEST_P(EachStrategy, IsSilentOnCorrectTwins)
{
	EXPECT_EQ(runs_to_lose(atomic_update, 2, 1000), 1000u);
	EXPECT_EQ(runs_to_lose(locked_update, 2, 1000), 1000u);
	EXPECT_EQ(runs_to_lose(locked_update, 3, 1000), 1000u);
}

TEST_P(EachStrategy, OneCpuIsLeftInPeace)
{
	for (unsigned seed = 0; seed < 100; seed++) {
		ASSERT_EQ(run(rig, seed, walk, 1), Outcome::completed);
		ASSERT_EQ(rig.switches, 0u);
	}
}

TEST_P(EachStrategy, EveryCpuGoesFirstAndLast)
{
	std::set<unsigned> first, last;
	for (unsigned seed = 0; seed < 200; seed++) {
		run(rig, seed, walk, 3);
		first.insert(world.order.front());
		last.insert(world.order.back());
	}
	EXPECT_EQ(first.size(), 3u);
	EXPECT_EQ(last.size(), 3u);
}

TEST_P(EachStrategy, TicksInSomeRunsOnly)
{
	unsigned without = 0, with_irq = 0, with_preempt = 0, held = 0;
	for (unsigned seed = 0; seed < 400; seed++) {
		run(rig, seed, walk);
		without += rig.ticks + rig.preempts == 0;
		with_irq += rig.ticks > 0;
		with_preempt += rig.preempts > 0;
		held += rig.held > 0;
	}
	EXPECT_GT(without, 100u);
	EXPECT_GT(with_irq, 10u);
	EXPECT_GT(with_preempt, 10u);
	EXPECT_GT(held, 10u);
}

TEST_P(EachStrategy, PicksEverything)
{
	std::set<unsigned> picked;
	for (unsigned seed = 0; seed < 100; seed++) {
		run(rig, seed, [](StrategyRig &rig) { note_pick(rig.machine().pick(5, "test")); });
		picked.insert(world.picks.begin(), world.picks.end());
	}
	EXPECT_EQ(picked, (std::set<unsigned>{ 0, 1, 2, 3, 4 }));
}

TEST_P(EachStrategy, LetsNothingStarve)
{
	// A CPU that spins goes on only when another one has stored: nobody may be forgotten.
	for (unsigned seed = 0; seed < 300; seed++) {
		world.reset();
		const Outcome outcome = rig.run(
			seed,
			[](StrategyRig &rig) {
				if (self() != 0) {
					keep_busy(20);
					world.counter.rmw(RmwOp::add, 1, Order::relaxed, nullptr,
							  std::source_location::current());
					return;
				}
				while (world.counter.load(Order::relaxed) != 2)
					rig.machine().relax();
			},
			3);
		ASSERT_EQ(outcome, Outcome::completed);
	}
}

INSTANTIATE_TEST_SUITE_P(, EachStrategy,
			 testing::Values(schedule::Strategy::random, schedule::Strategy::pct,
					 schedule::Strategy::pos, schedule::Strategy::surw,
					 schedule::Strategy::portfolio, schedule::Strategy::stall),
			 [](const auto &info) { return std::string(schedule::name(info.param)); });

TEST(RandomWalk, SwitchesAsOftenAsItsRates)
{
	StrategyRig rig(make_random_walk());
	unsigned steps = 0, switches = 0;
	std::map<unsigned, unsigned> runs; // by magnitude of the number of switches
	for (unsigned seed = 0; seed < 500; seed++) {
		run(rig, seed, walk);
		steps += rig.steps();
		switches += rig.switches;
		runs[rig.switches / 4]++;
	}
	// The mean of the five rates is 0.19; ticks and the last CPU's lonely end take from it.
	EXPECT_GT(switches, steps / 12);
	EXPECT_LT(switches, steps / 5);
	EXPECT_GT(runs[0], 50u);
	EXPECT_GT(runs[3], 20u);
}

TEST(Pct, DepthOneSwitchesOnlyWhereACpuEnds)
{
	StrategyRig rig(make_pct(1));
	std::set<std::vector<unsigned>> orders;
	for (unsigned seed = 0; seed < 200; seed++) {
		run(rig, seed, walk, 3);
		ASSERT_EQ(alternations(world.order), 2u);
		ASSERT_EQ(rig.preempts, 0u);
		orders.insert(world.order);
	}
	EXPECT_EQ(orders.size(), 6u); // all permutations
}

TEST(Pct, DepthOneFollowsAWaitAndComesBack)
{
	StrategyRig rig(make_pct(1));
	for (unsigned seed = 0; seed < 200; seed++) {
		run(rig, seed, [](StrategyRig &rig) {
			came_by();
			if (self() == 0) {
				machine::Wait wait{
					.ready = [](void *) { return world.lock.peek() != 0; },
					.what = "lock"
				};
				rig.machine().wait(wait);
			} else {
				world.lock.store(1, Order::relaxed);
			}
			keep_busy(10);
			came_by();
		});
		// cpu0 waits; when cpu1 has stored, the one of higher priority ends first.
		const std::vector<unsigned> end(world.order.end() - 2, world.order.end());
		ASSERT_TRUE(end == (std::vector<unsigned>{ 0, 1 }) ||
			    end == (std::vector<unsigned>{ 1, 0 }));
		ASSERT_LE(rig.switches, 2u);
	}
}

TEST(Pct, DepthIsTheNumberOfChangePoints)
{
	for (unsigned depth : { 2, 3, 5 }) {
		StrategyRig rig(make_pct(depth));
		unsigned most = 0;
		for (unsigned seed = 0; seed < 500; seed++) {
			run(rig, seed, walk);
			const unsigned changes = alternations(world.order);
			ASSERT_LE(changes, depth); // 1 at the end, d - 1 in between
			most = std::max(most, changes);
		}
		EXPECT_EQ(most, depth);
	}
}

TEST(Pct, ChangePointsFallEverywhere)
{
	StrategyRig rig(make_pct(2));
	std::set<std::size_t> where;
	for (unsigned seed = 0; seed < 2000; seed++) {
		run(rig, seed, walk);
		std::size_t i = 1;
		while (world.order[i] == world.order[0])
			i++;
		where.insert(i);
	}
	EXPECT_EQ(where.size(), 20u); // after 1, 2, ... 19 accesses, and at the end
}

TEST(Pos, EveryOrderOfRacingAccessesIsLikely)
{
	StrategyRig rig(make_pos());
	unsigned place[4] = {};
	for (unsigned seed = 0; seed < 1000; seed++) {
		run(rig, seed, [](StrategyRig &) {
			for (unsigned i = 0; i < (self() == 0 ? 1 : 3); i++) {
				world.counter.store(1, Order::relaxed);
				came_by();
			}
		});
		unsigned nth = 0;
		while (world.order[nth] != 0)
			nth++;
		place[nth]++;
	}
	for (const unsigned n : place)
		EXPECT_GT(n, 80u) << testing::PrintToString(place);
}

TEST(Surw, UnequalCpusMeetAnywhere)
{
	// cpu0 makes one store, cpu1 makes 20: a walk with p = 1/2 would place cpu0's near the
	// start.
	StrategyRig rig(make_surw());
	unsigned late = 0;
	for (unsigned seed = 0; seed < 1000; seed++) {
		world.reset();
		rig.run(seed, [](StrategyRig &) {
			for (unsigned i = 0; i < (self() == 0 ? 1 : 20); i++) {
				world.counter.store(1, Order::relaxed);
				came_by();
			}
		});
		unsigned nth = 0;
		while (world.order[nth] != 0)
			nth++;
		late += nth >= 5;
	}
	EXPECT_GT(late, 60u);
}

TEST(Stall, FewChangesAndSomebodyStandsStillToTheEnd)
{
	StrategyRig rig(make_stall());
	unsigned to_the_end = 0, in_one_go = 0;
	std::set<std::size_t> where;
	for (unsigned seed = 0; seed < 1000; seed++) {
		run(rig, seed, walk, 3);
		const unsigned changes = alternations(world.order);
		ASSERT_LE(changes, 2u + 2 * 4); // four stalls at the most
		in_one_go += changes == 2;
		// Who came by last began before the others, and both of those ended meanwhile.
		const unsigned late = world.order.back();
		std::size_t begun = 0;
		while (begun < 20 && world.order[begun] == late)
			begun++;
		std::size_t end = world.order.size();
		while (world.order[end - 1] == late)
			end--;
		if (begun > 0 && begun < 20 && end == begun + 40) {
			to_the_end++;
			where.insert(begun);
		}
	}
	EXPECT_GT(to_the_end, 60u);
	EXPECT_GT(in_one_go, 60u);
	EXPECT_GT(where.size(), 10u);
}

} // namespace
} // namespace lazymm
