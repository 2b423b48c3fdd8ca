// SPDX-License-Identifier: MIT
#include "core/schedule/any_schedule.h"
#include "core/schedule/edits.h"
#include "core/schedule/size.h"

#include <gtest/gtest.h>
#include <set>

namespace lazymm::schedule
{
namespace
{

unsigned op_count(const Schedule &schedule)
{
	return size(schedule).ops;
}

/// The same, without the things that edits may change.
Schedule experiment(Schedule schedule)
{
	schedule.search.reset();
	for (auto &script : schedule.cpus)
		script.clear();
	return schedule;
}

TEST(RandomSchedule, KeepsToWhatWasAskedFor)
{
	Rng rng(31);
	for (int i = 0; i < 5000; i++) {
		const unsigned cpus = 1 + rng.below(kMaxCpus);
		const unsigned max_ops = 1 + rng.below(30);
		const Schedule schedule = random_schedule(rng, default_alphabet(), cpus, max_ops);
		ASSERT_TRUE(within_limits(schedule));
		ASSERT_EQ(schedule.cpus.size(), cpus);
		ASSERT_GE(op_count(schedule), 1u);
		ASSERT_LE(op_count(schedule), max_ops);
		ASSERT_TRUE(schedule.search);
	}
}

TEST(RandomSchedule, StopsAtTheLimits)
{
	Rng rng(32);
	const Schedule schedule = random_schedule(rng, default_alphabet(), 99, ~0u);
	EXPECT_TRUE(within_limits(schedule));
	EXPECT_EQ(schedule.cpus.size(), kMaxCpus);
	EXPECT_EQ(random_schedule(rng, default_alphabet(), 0, 0).cpus.size(), 1u);
	EXPECT_EQ(op_count(random_schedule(rng, default_alphabet(), 2, 0)), 0u);
	EXPECT_EQ(op_count(random_schedule(rng, Alphabet{}, 2, 10)), 0u);
}

TEST(RandomSchedule, SpeaksTheAlphabet)
{
	Rng rng(33);
	Alphabet alphabet{};
	alphabet[OpKind::fork] = 1;
	alphabet[OpKind::work] = 3;
	unsigned forks = 0, works = 0;
	for (int i = 0; i < 500; i++) {
		Schedule schedule = random_schedule(rng, alphabet, 2, 20);
		for (int edit = 0; edit < 10; edit++)
			mutate(schedule, rng, alphabet);
		for (const auto &script : schedule.cpus) {
			for (const Op &op : script) {
				forks += op.kind == OpKind::fork;
				works += op.kind == OpKind::work;
				ASSERT_TRUE(op.kind == OpKind::fork || op.kind == OpKind::work);
			}
		}
	}
	EXPECT_GT(works, 2 * forks);
	EXPECT_GT(forks, 0u);
}

TEST(RandomSchedule, HasAllOperationsAndOperandsByDefault)
{
	Rng rng(34);
	std::set<std::pair<OpKind, unsigned>> seen;
	for (int i = 0; i < 5000; i++) {
		for (const auto &script :
		     random_schedule(rng, default_alphabet(), kMaxCpus, 40).cpus) {
			for (const Op &op : script)
				seen.insert({ op.kind, op.operand });
		}
	}
	EXPECT_EQ(seen.size(), 64u);
}

TEST(Edits, AreFunctionsOfTheirArguments)
{
	const auto make = [] {
		Rng rng(35);
		Schedule a = random_schedule(rng, default_alphabet(), 3, 20);
		const Schedule b = random_schedule(rng, default_alphabet(), 3, 20);
		for (int i = 0; i < 100; i++)
			mutate(a, rng, default_alphabet());
		return crossover(a, b, rng);
	};
	EXPECT_EQ(make(), make());
}

TEST(Mutate, ChangesSomethingButTheExperiment)
{
	Rng rng(36);
	for (int i = 0; i < 2000; i++) {
		Schedule schedule = any_named_schedule(rng);
		for (int edit = 0; edit < 20; edit++) {
			const Schedule before = schedule;
			mutate(schedule, rng, default_alphabet());
			ASSERT_TRUE(within_limits(schedule));
			ASSERT_NE(schedule, before);
			ASSERT_EQ(experiment(schedule), experiment(before));
		}
	}
}

TEST(Mutate, StaysWithinTheLimitsForEver)
{
	Rng rng(37);
	Schedule schedule;
	schedule.memory = Memory::weak;
	Alphabet alphabet = default_alphabet();
	for (int i = 0; i < 20000; i++) {
		// Mostly grows: takes back what made it smaller.
		const Schedule before = schedule;
		mutate(schedule, rng, alphabet);
		ASSERT_TRUE(within_limits(schedule));
		const Size now = size(schedule), then = size(before);
		if (now.ops < then.ops || now.decisions < then.decisions)
			schedule = before;
	}
	EXPECT_EQ(op_count(schedule), 2 * kMaxOps);
}

TEST(Mutate, OfAnEmptyScheduleWithAnEmptyAlphabet)
{
	Rng rng(38);
	Schedule schedule;
	schedule.cpus.resize(1);
	for (int i = 0; i < 100; i++) {
		mutate(schedule, rng, Alphabet{});
		ASSERT_EQ(op_count(schedule), 0u);
	}
}

TEST(Mutate, DoesNotReorderUnderSc)
{
	Rng rng(39);
	Schedule schedule = random_schedule(rng, default_alphabet(), 2, 10);
	for (int i = 0; i < 2000; i++) {
		mutate(schedule, rng, default_alphabet());
		for (const auto &script : schedule.cpus) {
			for (const Op &op : script) {
				for (const Decision &decision : op.decisions) {
					ASSERT_NE(decision.kind, DecisionKind::older);
					ASSERT_NE(decision.kind, DecisionKind::hold);
					ASSERT_NE(decision.kind, DecisionKind::under);
				}
			}
		}
	}
}

TEST(Crossover, TakesOperationsOfBothAndNothingElse)
{
	Rng rng(40);
	bool of_b = false, of_both = false;
	for (int i = 0; i < 2000; i++) {
		const Schedule a = any_named_schedule(rng);
		const Schedule b = any_named_schedule(rng);
		const Schedule child = crossover(a, b, rng);
		ASSERT_TRUE(within_limits(child));
		ASSERT_EQ(experiment(child), experiment(a));
		ASSERT_TRUE(child.search == a.search || child.search == b.search);
		if (a.cpus.size() < b.cpus.size())
			continue; // operands of b may have been reduced
		const auto has = [](const std::vector<Op> &script, const Op &op) {
			return std::find(script.begin(), script.end(), op) != script.end();
		};
		for (std::size_t cpu = 0; cpu < child.cpus.size(); cpu++) {
			unsigned from_a = 0, from_b = 0;
			for (const Op &op : child.cpus[cpu]) {
				const bool in_a = has(a.cpus[cpu], op);
				const bool in_b = cpu < b.cpus.size() && has(b.cpus[cpu], op);
				ASSERT_TRUE(in_a || in_b);
				from_a += in_a && !in_b;
				from_b += in_b && !in_a;
			}
			of_b = of_b || from_b;
			of_both = of_both || (from_a && from_b);
		}
	}
	EXPECT_TRUE(of_b);
	EXPECT_TRUE(of_both);
}

} // namespace
} // namespace lazymm::schedule
