// SPDX-License-Identifier: MIT
// The minimiser without a kernel: a run is a predicate on schedules, so that what must come out is
// known. With the kernel: search_test.cc.
#include "core/harness/minimize.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "core/schedule/shrinks.h"
#include "core/schedule/size.h"
#include "core/schedule/text.h"

namespace lazymm
{
namespace
{

using schedule::Decision;
using schedule::DecisionKind;
using schedule::Op;
using schedule::OpKind;

Schedule parsed(const std::string &scripts)
{
	auto result = schedule::parse_text("lazymm-schedule 1\nscheme refcount\ncpus 2\n" + scripts,
					   "test");
	return std::get<Schedule>(result);
}

unsigned count(const Schedule &schedule, OpKind kind)
{
	unsigned n = 0;
	for (const auto &script : schedule.cpus)
		n += static_cast<unsigned>(
			std::count_if(script.begin(), script.end(),
				      [=](const Op &op) { return op.kind == kind; }));
	return n;
}

unsigned decisions(const Schedule &schedule)
{
	return schedule::size(schedule).decisions;
}

Finding finding(const std::string &kind)
{
	Finding finding;
	finding.oracle = "test";
	finding.kind = kind;
	return finding;
}

constexpr unsigned kLength = 20; // accesses of each operation

/// A run takes all explicit decisions, and has the kind of finding that `judge` says, "" for none.
class Minimize : public testing::Test
{
public:
	using Judge = std::function<std::string(const Schedule &)>;

	const Result &run(const Schedule &schedule)
	{
		runs++;
		result = {};
		std::uint16_t nth = 0;
		for (const auto &script : schedule.cpus) {
			for (const Op &op : script) {
				for (const Decision &d : op.decisions)
					if (d.at <= kLength)
						result.taken.push_back({ nth, d });
				nth++;
			}
		}
		if (schedule.search && strategy)
			strategy(schedule, result);
		const std::string kind = judge(schedule);
		if (!kind.empty())
			result.finding = finding(kind);
		return result;
	}

	std::optional<Minimized> minimize(const Schedule &schedule)
	{
		return lazymm::minimize(
			[this](const Schedule &s) -> const Result & { return run(s); }, schedule,
			finding("bug"), budget, interrupted);
	}

	Judge judge;
	std::function<void(const Schedule &, Result &)> strategy; ///< what a search decides
	std::function<bool()> interrupted;
	MinimizeBudget budget{ .seconds = 1e9 };
	std::uint64_t runs = 0;
	Result result;
};

const char *const kLong =
	"cpu0\n  fork B +3 run cpu1\n  switch B\n  exec +1 run cpu1\n  exit\n"
	"  touch\n  pin A\n  switch kthread\n  unpin\n"
	"cpu1\n  switch kthread +4 irq\n  use_mm A\n  offline cpu0\n  rcu\n  exit\n";

TEST_F(Minimize, LeavesWhatItTakes)
{
	judge = [](const Schedule &s) {
		return count(s, OpKind::exec) && count(s, OpKind::offline) ? "bug" : "";
	};
	const auto m = minimize(parsed(kLong));
	ASSERT_TRUE(m);
	EXPECT_TRUE(m->minimal);
	EXPECT_EQ(m->from_ops, 13u);
	EXPECT_EQ(m->replays, runs);
	EXPECT_EQ(m->finding.kind, "bug");
	const schedule::Size size = schedule::size(m->schedule);
	EXPECT_EQ(size.ops, 2u);
	EXPECT_EQ(size.cpus, 1u); // one script behind the other
	EXPECT_EQ(size.decisions, 0u);
}

TEST_F(Minimize, NothingAtAllIsEnough)
{
	judge = [](const Schedule &) { return "bug"; };
	const auto m = minimize(parsed(kLong));
	ASSERT_TRUE(m);
	EXPECT_EQ(schedule::size(m->schedule).ops, 0u);
	EXPECT_EQ(schedule::size(m->schedule).cpus, 1u);
}

TEST_F(Minimize, PairsFallTogether)
{
	judge = [](const Schedule &s) {
		return count(s, OpKind::pin) == count(s, OpKind::unpin) && count(s, OpKind::exec)
			       ? "bug"
			       : "";
	};
	const auto m = minimize(parsed(kLong));
	ASSERT_TRUE(m);
	EXPECT_EQ(schedule::size(m->schedule).ops, 1u);
}

TEST_F(Minimize, NeverEndsOnAnotherBug)
{
	judge = [](const Schedule &s) {
		if (!count(s, OpKind::exec))
			return "";
		return count(s, OpKind::rcu) ? "bug" : "other";
	};
	const auto m = minimize(parsed(kLong));
	ASSERT_TRUE(m);
	EXPECT_EQ(m->finding.kind, "bug");
	EXPECT_EQ(judge(m->schedule), std::string("bug"));
	EXPECT_EQ(schedule::size(m->schedule).ops, 2u);
}

TEST_F(Minimize, WhatWasNotTakenGoesAtOnce)
{
	// Only the first decision of an operation is ever taken.
	judge = [&](const Schedule &s) {
		auto &taken = result.taken;
		for (std::size_t i = 1; i < taken.size();)
			taken[i].op == taken[i - 1].op ? void(taken.erase(taken.begin() + i))
						       : void(i++);
		return count(s, OpKind::exec) && !taken.empty() ? "bug" : "";
	};
	const auto m = minimize(parsed("cpu0\n  exec +1 irq +2 irq +3 irq +4 irq +5 irq\n"));
	ASSERT_TRUE(m);
	EXPECT_EQ(decisions(m->schedule), 1u);
	EXPECT_LT(m->replays, 120u);
}

TEST_F(Minimize, LooksForOtherDecisionsWhenAnOperationGoes)
{
	// The decision must name the number of operations: no cut alone keeps the finding.
	judge = [&](const Schedule &s) {
		const unsigned ops = schedule::size(s).ops;
		if (result.taken.empty() || !count(s, OpKind::exec))
			return "";
		return result.taken[0].decision.at == ops ? "bug" : "";
	};
	strategy = [](const Schedule &s, Result &r) {
		r.taken = { { 0,
			      { static_cast<std::uint16_t>(1 + s.search->seed % 8),
				DecisionKind::irq, 0 } } };
	};
	const auto m = minimize(parsed("cpu0\n  exec +5 irq\n  touch\n  fork B\n  rcu\n  touch\n"));
	ASSERT_TRUE(m);
	EXPECT_TRUE(m->minimal);
	EXPECT_EQ(schedule::size(m->schedule).ops, 1u);
	EXPECT_FALSE(m->schedule.search);
}

TEST_F(Minimize, FindsOneDecisionWhereFiveDoToo)
{
	// Five, in pieces that are of no use alone; or the one at another place.
	judge = [&](const Schedule &s) {
		if (!count(s, OpKind::exec))
			return "";
		const bool one = result.taken.size() == 1 &&
				 result.taken[0].decision == Decision{ 7, DecisionKind::irq, 0 };
		return decisions(s) >= 5 || one ? "bug" : "";
	};
	const auto m = minimize(parsed("cpu0\n  exec +1 irq +2 irq +3 irq +4 irq +5 irq\n"));
	ASSERT_TRUE(m);
	EXPECT_TRUE(m->minimal);
	EXPECT_EQ(decisions(m->schedule), 1u);
}

TEST_F(Minimize, FindsThreeDecisionsWhereSixDoToo)
{
	// Six, of which none can be cut; or three at other places, which one strategy finds.
	judge = [&](const Schedule &s) {
		const auto &taken = result.taken;
		const bool three = taken.size() == 3 && taken[0].decision.at == 9 &&
				   taken[1].decision.at == 11 && taken[2].decision.at == 13;
		return count(s, OpKind::exec) && (taken.size() == 6 || three) ? "bug" : "";
	};
	strategy = [](const Schedule &s, Result &r) {
		if (s.search->strategy != schedule::Strategy::stall || s.search->seed != 1234)
			return;
		for (const std::uint16_t at : { 9, 11, 13 })
			r.taken.push_back({ 0, { at, DecisionKind::run, 1 } });
	};
	const auto m = minimize(parsed("cpu0\n  exec +1 irq +2 irq +3 irq +4 irq +5 irq +6 irq\n"
				       "cpu1\n  exec\n"));
	ASSERT_TRUE(m);
	EXPECT_TRUE(m->minimal);
	EXPECT_EQ(decisions(m->schedule), 3u);
	EXPECT_FALSE(m->schedule.search);
}

TEST_F(Minimize, MakesAStrategyExplicit)
{
	strategy = [](const Schedule &, Result &r) {
		r.taken = { { 0, { 3, DecisionKind::run, 1 } } };
	};
	judge = [&](const Schedule &s) {
		return count(s, OpKind::exec) && count(s, OpKind::rcu) && !result.taken.empty()
			       ? "bug"
			       : "";
	};
	Schedule schedule = parsed(kLong);
	schedule.search.emplace();
	const auto m = minimize(schedule);
	ASSERT_TRUE(m);
	EXPECT_FALSE(m->schedule.search);
	EXPECT_EQ(decisions(m->schedule), 1u);
}

TEST_F(Minimize, RefusesAFlakyReplay)
{
	judge = [](const Schedule &) { return ""; };
	EXPECT_FALSE(minimize(parsed(kLong)));
	judge = [](const Schedule &) { return "other"; };
	EXPECT_FALSE(minimize(parsed(kLong)));
	// The strategy shows it, its decisions do not.
	judge = [](const Schedule &s) { return s.search ? "bug" : ""; };
	Schedule schedule = parsed(kLong);
	schedule.search.emplace();
	EXPECT_FALSE(minimize(schedule));
}

TEST_F(Minimize, EndsWithTheBudgetOnTheSmallestSoFar)
{
	judge = [](const Schedule &s) {
		return count(s, OpKind::exec) && count(s, OpKind::offline) && decisions(s) ? "bug"
											   : "";
	};
	schedule::Size last = schedule::size(parsed(kLong));
	for (std::uint64_t replays = 2; replays < 2000; replays++) {
		budget.replays = replays;
		runs = 0;
		const auto m = minimize(parsed(kLong));
		ASSERT_TRUE(m);
		ASSERT_LE(runs, replays);
		ASSERT_EQ(m->replays, runs);
		ASSERT_EQ(judge(m->schedule), std::string("bug"));
		// More budget never means a larger witness.
		ASSERT_LE(schedule::size(m->schedule), last);
		last = schedule::size(m->schedule);
		if (m->minimal) {
			ASSERT_LT(runs, replays + 1);
			return;
		}
	}
	FAIL() << "not minimal in 2000 replays";
}

TEST_F(Minimize, EndsWhenInterrupted)
{
	judge = [](const Schedule &s) { return count(s, OpKind::exec) ? "bug" : ""; };
	interrupted = [this] { return runs >= 10; };
	const auto m = minimize(parsed(kLong));
	ASSERT_TRUE(m);
	EXPECT_FALSE(m->minimal);
	EXPECT_EQ(runs, 10u);
	EXPECT_EQ(judge(m->schedule), std::string("bug"));
}

TEST_F(Minimize, DoesTheSameTwice)
{
	// Hard to say what it depends on.
	judge = [](const Schedule &s) {
		const schedule::Size z = schedule::size(s);
		return count(s, OpKind::exec) && (z.ops * 7 + z.decisions * 3 + z.anchors) % 5 != 2
			       ? "bug"
			       : "";
	};
	const auto one = minimize(parsed(kLong));
	const auto two = minimize(parsed(kLong));
	ASSERT_TRUE(one && two);
	EXPECT_EQ(one->schedule, two->schedule);
	EXPECT_EQ(one->replays, two->replays);
	// No single cut is left.
	schedule::Shrinks shrinks(one->schedule);
	for (Schedule cut; shrinks.next(cut);)
		EXPECT_NE(judge(cut), std::string("bug"));
}

} // namespace
} // namespace lazymm
