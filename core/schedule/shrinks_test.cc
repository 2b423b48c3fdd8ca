// SPDX-License-Identifier: MIT
#include "core/schedule/any_schedule.h"
#include "core/schedule/cuts.h"
#include "core/schedule/edits.h"
#include "core/schedule/shrinks.h"
#include "core/schedule/size.h"
#include "core/schedule/text.h"

#include <functional>
#include <gtest/gtest.h>
#include <set>

namespace lazymm::schedule
{
namespace
{

Schedule script(std::string_view lines)
{
	const std::string text = "lazymm-schedule 1\nscheme x\n" + std::string(lines);
	auto result = parse_text(text, "script");
	if (const auto *error = std::get_if<ParseError>(&result))
		ADD_FAILURE() << error->str();
	return std::get<Schedule>(result);
}

/// The greedy minimiser: takes the first candidate that still fails, and starts again.
Schedule minimum(Schedule schedule, const std::function<bool(const Schedule &)> &fails)
{
	EXPECT_TRUE(fails(schedule));
	Schedule candidate;
	for (bool again = true; again;) {
		again = false;
		for (Shrinks shrinks(schedule); shrinks.next(candidate);) {
			if (fails(candidate)) {
				schedule = candidate;
				again = true;
				break;
			}
		}
	}
	return schedule;
}

unsigned count(const Schedule &schedule, OpKind kind)
{
	unsigned n = 0;
	for (const auto &ops : schedule.cpus) {
		for (const Op &op : ops)
			n += op.kind == kind;
	}
	return n;
}

TEST(Shrinks, AreSmallerAndWithinTheLimits)
{
	Rng rng(51);
	for (int i = 0; i < 300; i++) {
		Schedule origin;
		do
			origin = any_named_schedule(rng);
		while (size(origin).ops > 30 || size(origin).decisions > 60);
		Schedule candidate;
		for (Shrinks shrinks(origin); shrinks.next(candidate);) {
			ASSERT_LT(size(candidate), size(origin)) << to_text(origin);
			ASSERT_TRUE(within_limits(candidate)) << to_text(candidate);
			ASSERT_EQ(candidate.scheme, origin.scheme);
			ASSERT_EQ(candidate.bug, origin.bug);
			ASSERT_EQ(candidate.weaken, origin.weaken);
			ASSERT_EQ(candidate.memory, origin.memory);
			ASSERT_EQ(candidate.hotplug, origin.hotplug);
			ASSERT_EQ(candidate.arch, origin.arch);
			ASSERT_EQ(candidate.mm, origin.mm);
		}
	}
}

TEST(Shrinks, OfEverythingLeadToNothing)
{
	Rng rng(52);
	for (int i = 0; i < 100; i++) {
		const Schedule least =
			minimum(any_schedule(rng), [](const Schedule &) { return true; });
		ASSERT_EQ(size(least), (Size{ .cpus = 1 }));
	}
}

TEST(Shrinks, OfAnEmptyScheduleAreNone)
{
	Schedule schedule, candidate;
	schedule.cpus.resize(1);
	Shrinks shrinks(schedule);
	EXPECT_FALSE(shrinks.next(candidate));
	EXPECT_FALSE(shrinks.next(candidate));
}

TEST(Shrinks, InOrder)
{
	const Schedule origin = script("search pos 17\n"
				       "cpus 2\n"
				       "cpu0\n"
				       "  fork C\n"
				       "  exit +6 preempt\n"
				       "cpu1\n"
				       "  switch C +3 run cpu0\n");
	std::string seen;
	Schedule candidate;
	for (Shrinks shrinks(origin); shrinks.next(candidate);) {
		std::string text = to_text(candidate);
		text = text.substr(text.find("memory sc\n") + 10);
		for (char &c : text)
			c = c == '\n' ? ';' : c;
		std::string line;
		for (const char c : text) {
			if (c != ' ' || (!line.empty() && line.back() != ' ' && line.back() != ';'))
				line += c;
		}
		seen += line + "\n";
	}
	EXPECT_EQ(seen,
		  "search pos 17;cpus 1;;cpu0;fork C;exit +6 preempt;\n"
		  "search pos 17;cpus 1;;cpu0;switch C;\n"
		  "search pos 17;cpus 1;;cpu0;fork C;exit +6 preempt;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 1;;cpu0;switch C;fork C;exit +6 preempt;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 preempt;cpu1;\n"
		  "search pos 17;cpus 2;;cpu0;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;exit +6 preempt;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;exit +6 preempt;cpu1;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;cpu1;\n"
		  "cpus 2;;cpu0;fork C;exit +6 preempt;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit;cpu1;switch C;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 preempt;cpu1;switch C;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +3 preempt;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +5 preempt;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 preempt;cpu1;switch C +1 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 preempt;cpu1;switch C +2 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 irq;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 run cpu0;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork C;exit +6 run cpu1;cpu1;switch C +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork A;exit +6 preempt;cpu1;switch A +3 run cpu0;\n"
		  "search pos 17;cpus 2;;cpu0;fork B;exit +6 preempt;cpu1;switch B +3 run cpu0;\n");
}

TEST(Shrinks, FindTheOneOperation)
{
	Rng rng(53);
	for (int i = 0; i < 50; i++) {
		Schedule origin = random_schedule(rng, default_alphabet(), 4, 100);
		origin.cpus[3].push_back({ OpKind::offline, 2, { { 7, DecisionKind::run, 2 } } });
		const Schedule least = minimum(origin, [](const Schedule &schedule) {
			return count(schedule, OpKind::offline) > 0;
		});
		ASSERT_EQ(size(least), (Size{ .ops = 1, .cpus = 1 })) << to_text(least);
	}
}

TEST(Shrinks, CutPairsThatOnlyFallTogether)
{
	const Schedule origin = script("cpu0\n  pin A\n  exit\n  pin A\n  touch\n"
				       "cpu1\n  unpin\n  switch A\n  unpin\n");
	const Schedule least = minimum(origin, [](const Schedule &schedule) {
		return count(schedule, OpKind::exit) == 1 &&
		       count(schedule, OpKind::pin) == count(schedule, OpKind::unpin);
	});
	EXPECT_EQ(size(least), (Size{ .ops = 1, .cpus = 1 })) << to_text(least);
}

TEST(Shrinks, KeepADecisionWithItsOperation)
{
	Rng rng(54);
	Schedule origin = random_schedule(rng, default_alphabet(), 3, 60);
	origin.scheme = "x";
	for (auto &ops : origin.cpus) {
		for (Op &op : ops)
			op.decisions = { { 9, DecisionKind::run, 1 }, { 9, DecisionKind::irq, 0 } };
	}
	origin.cpus[1].push_back({ OpKind::exec,
				   0,
				   { { 2, DecisionKind::irq, 0 },
				     { 40, DecisionKind::preempt, 0 },
				     { 41, DecisionKind::hold, 99 } } });
	// An anchor of 23 or more on an exec, with some interrupt, and a hold of 5 or more.
	const Schedule least = minimum(origin, [](const Schedule &schedule) {
		bool interrupt = false, hold = false;
		for (const auto &ops : schedule.cpus) {
			for (const Op &op : ops) {
				for (const Decision &decision : op.decisions) {
					if (op.kind != OpKind::exec)
						continue;
					interrupt |= decision.at >= 23 &&
						     (decision.kind == DecisionKind::preempt ||
						      decision.kind == DecisionKind::irq);
					hold |= decision.kind == DecisionKind::hold &&
						decision.arg >= 5;
				}
			}
		}
		return interrupt && hold;
	});
	EXPECT_EQ(least, script("cpus 1\ncpu0\n  exec +1 hold 5 +23 irq\n")) << to_text(least);
}

TEST(Shrinks, RenameTasksConsistently)
{
	// Fails as long as the task that was forked is the one that is switched to.
	const auto fails = [](const Schedule &schedule) {
		std::set<unsigned> forked;
		for (const auto &ops : schedule.cpus) {
			for (const Op &op : ops) {
				if (op.kind == OpKind::fork)
					forked.insert(op.operand);
				if (op.kind == OpKind::switch_to && forked.contains(op.operand) &&
				    op.operand != 0)
					return true;
			}
		}
		return false;
	};
	const Schedule least =
		minimum(script("cpu0\n  fork D\n  fork F\ncpu1\n  switch K\n  switch F\n"), fails);
	EXPECT_EQ(least, script("cpus 1\ncpu0\n  fork B\n  switch B\n")) << to_text(least);
}

TEST(Cuts, RemoveCpuRenumbersWhatIsAbove)
{
	Schedule schedule = script("cpus 4\n"
				   "cpu0\n  offline cpu1\n  offline cpu3\n"
				   "  exit +1 run cpu0 +2 run cpu1 +3 run cpu2 +4 older 3\n"
				   "cpu1\n  fork B\n"
				   "cpu3\n  online cpu0\n");
	remove_cpu(schedule, 1);
	EXPECT_EQ(schedule, script("cpus 3\n"
				   "cpu0\n  offline cpu2\n"
				   "  exit +1 run cpu0 +3 run cpu1 +4 older 3\n"
				   "cpu2\n  online cpu0\n"));
}

TEST(Cuts, RenameOnlyToWhatTheOperationsCanName)
{
	Schedule schedule = script("cpu0\n  switch B\n  fork B\n  offline cpu1\n");
	EXPECT_FALSE(rename_task(schedule, 5, 0));
	EXPECT_FALSE(rename_task(schedule, 1, 8));
	schedule = script("cpu0\n  switch B\n  fork B\n  offline cpu1\n");
	EXPECT_TRUE(rename_task(schedule, 1, 0));
	EXPECT_EQ(schedule, script("cpu0\n  switch A\n  fork A\n  offline cpu1\n"));
}

TEST(Cuts, HalvingCutsEachThingAloneInTheEnd)
{
	for (std::size_t length = 0; length <= 130; length++) {
		std::set<std::size_t> alone;
		std::size_t last_length = length + 1;
		for (std::size_t i = 0; i < halving_count(length) + 300; i++) {
			const auto [first, last] = halving(length, i);
			ASSERT_LE(first, last);
			ASSERT_LE(last, length);
			ASSERT_TRUE(first == last || i < halving_count(length));
			if (last - first == 1)
				alone.insert(first);
			ASSERT_TRUE(i > 0 || last - first == length);
			// Parts never grow; those of one level differ by one.
			ASSERT_LE(last - first, last_length + 1);
			last_length = first != last ? last - first : last_length;
		}
		ASSERT_EQ(alone.size(), length);
	}
}

TEST(Size, OrdersByWhatAPersonHasToRead)
{
	const Schedule order[] = {
		script("cpus 1\n"),
		script("cpus 2\n"),
		script("cpus 1\ncpu0\n  touch\n"),
		script("cpus 2\ncpu0\n  touch\n"),
		script("cpus 2\ncpu0\n  switch idle\n"),
		script("cpus 2\ncpu0\n  switch A\n"),
		script("cpus 2\ncpu0\n  switch B\n"),
		script("cpus 2\ncpu0\n  switch B  +1 run cpu0\n"),
		script("cpus 2\ncpu0\n  switch B  +1 run cpu1\n"),
		script("cpus 2\ncpu0\n  switch B  +2 run cpu0\n"),
		script("cpus 2\ncpu0\n  switch B  +1 irq\n"),
		script("cpus 2\ncpu0\n  switch B  +1 preempt\n"),
		script("cpus 2\ncpu0\n  switch B  +1 older 1\n"),
		script("cpus 2\ncpu0\n  switch B  +1 irq  +1 irq\n"),
		script("search pos 0\ncpus 2\ncpu0\n  switch B\n"),
		script("cpus 1\ncpu0\n  touch\n  touch\n"),
	};
	for (std::size_t i = 1; i < std::size(order); i++)
		EXPECT_LT(size(order[i - 1]), size(order[i])) << to_text(order[i]);
}

} // namespace
} // namespace lazymm::schedule
