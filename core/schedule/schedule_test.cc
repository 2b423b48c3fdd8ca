// SPDX-License-Identifier: MIT
// Tables, names and limits.
#include "core/schedule/any_schedule.h"
#include "core/schedule/names.h"

#include <gtest/gtest.h>

namespace lazymm::schedule
{
namespace
{

TEST(Schedule, IsEmptyOnTwoCpus)
{
	const Schedule schedule;
	ASSERT_EQ(schedule.cpus.size(), 2u);
	EXPECT_TRUE(schedule.cpus[0].empty());
	EXPECT_TRUE(schedule.cpus[1].empty());
	EXPECT_TRUE(within_limits(schedule));
}

TEST(Names, LeadBackToTheirValues)
{
	for (unsigned i = 0; i < kOpKinds; i++) {
		const auto kind = static_cast<OpKind>(i);
		EXPECT_EQ(find_op(info(kind).name), kind);
		EXPECT_EQ(op_names()[i], info(kind).name);
		EXPECT_NE(*info(kind).what, '\0');
	}
	for (unsigned i = 0; i < kDecisionKinds; i++) {
		const auto kind = static_cast<DecisionKind>(i);
		EXPECT_EQ(find_decision(name(kind)), kind);
		EXPECT_EQ(decision_names()[i], name(kind));
	}
	for (unsigned i = 0; i < kStrategies; i++) {
		const auto strategy = static_cast<Strategy>(i);
		EXPECT_EQ(find_strategy(name(strategy)), strategy);
	}
	for (const Memory memory : { Memory::sc, Memory::tso, Memory::weak })
		EXPECT_EQ(find_memory(name(memory)), memory);
	for (const Hotplug hotplug : { Hotplug::scheme, Hotplug::h1, Hotplug::h3 })
		EXPECT_EQ(find_hotplug(name(hotplug)), hotplug);
	for (unsigned i = 0; i < kArches; i++) {
		const auto arch = static_cast<Arch>(i);
		EXPECT_EQ(find_arch(name(arch)), arch);
	}
	for (const MmMemory mm : { MmMemory::pool, MmMemory::heap })
		EXPECT_EQ(find_mm(name(mm)), mm);
	for (const auto kind : { OperandKind::task, OperandKind::user, OperandKind::cpu }) {
		for (unsigned operand = 0; operand < operand_count(kind); operand++)
			EXPECT_EQ(find_operand(kind, operand_name(kind, operand)), operand);
	}
	EXPECT_FALSE(find_op(""));
	EXPECT_FALSE(find_op("switch_to"));
	EXPECT_FALSE(find_operand(OperandKind::user, "kthread"));
	EXPECT_FALSE(find_operand(OperandKind::none, ""));
}

TEST(Names, OfOperands)
{
	EXPECT_EQ(operand_name(OperandKind::task, 8), "kthread");
	EXPECT_EQ(operand_name(OperandKind::user, 5), "F");
	EXPECT_EQ(operand_name(OperandKind::cpu, 1), "cpu1");
	EXPECT_EQ(operand_name(OperandKind::none, 3), "");
	EXPECT_EQ(operand_name(OperandKind::user, 6), "?");
	EXPECT_EQ(operand_name(OperandKind::cpu, 4), "?");
}

TEST(Names, NearestIsWhatWasMeant)
{
	EXPECT_EQ(nearest("swich", op_names()), "switch");
	EXPECT_EQ(nearest("Fork", op_names()), "fork");
	EXPECT_EQ(nearest("unusemm", op_names()), "unuse_mm");
	EXPECT_EQ(nearest("sync-rcu", op_names()), "sync_rcu");
	EXPECT_EQ(nearest("frobnicate", op_names()), "");
	EXPECT_EQ(nearest("x", op_names()), "");
	EXPECT_EQ(nearest("", op_names()), "");
	EXPECT_EQ(nearest(std::string(1000000, 's'), op_names()), "");
}

TEST(Limits, ClipKeepsWhatIsWithin)
{
	Rng rng(1);
	for (int i = 0; i < 1000; i++) {
		const Schedule schedule = any_schedule(rng);
		ASSERT_TRUE(within_limits(schedule));
		Schedule clipped = schedule;
		clip(clipped);
		ASSERT_EQ(clipped, schedule);
	}
}

TEST(Limits, ClipBringsAnythingWithin)
{
	Rng rng(2);
	for (int i = 0; i < 1000; i++) {
		Schedule schedule;
		schedule.memory = static_cast<Memory>(rng.below(256));
		schedule.hotplug = static_cast<Hotplug>(rng.below(256));
		schedule.arch = static_cast<Arch>(rng.below(256));
		schedule.mm = static_cast<MmMemory>(rng.below(256));
		schedule.search = Search{ static_cast<Strategy>(rng.below(256)), 0 };
		schedule.cpus.resize(rng.below(8));
		for (auto &script : schedule.cpus) {
			script.resize(rng.one_in(8) ? 2 * kMaxOps : rng.below(4));
			for (Op &op : script) {
				op.kind = static_cast<OpKind>(rng.below(256));
				op.operand = static_cast<std::uint8_t>(rng.below(256));
				op.decisions.resize(rng.one_in(64) ? 300 : rng.below(3));
				for (Decision &decision : op.decisions) {
					decision.kind = static_cast<DecisionKind>(rng.below(256));
					decision.at = static_cast<std::uint16_t>(rng.below(65536));
					decision.arg = static_cast<std::uint8_t>(rng.below(256));
				}
			}
		}
		clip(schedule);
		ASSERT_TRUE(within_limits(schedule));
	}
}

TEST(Limits, SeeWhatIsBeyond)
{
	const auto broken = [](auto change) {
		Schedule schedule;
		schedule.cpus[0].push_back({ OpKind::exit, 0, { { 5, DecisionKind::run, 1 } } });
		EXPECT_TRUE(within_limits(schedule));
		change(schedule);
		return !within_limits(schedule);
	};
	const auto decisions = [](Schedule &s) -> auto & { return s.cpus[0][0].decisions; };
	EXPECT_TRUE(broken([](Schedule &s) { s.cpus.clear(); }));
	EXPECT_TRUE(broken([](Schedule &s) { s.cpus.resize(kMaxCpus + 1); }));
	EXPECT_TRUE(broken([](Schedule &s) { s.cpus[1].resize(kMaxOps + 1); }));
	EXPECT_TRUE(broken([](Schedule &s) { s.cpus[0][0].operand = 1; }));
	EXPECT_TRUE(broken([](Schedule &s) { s.cpus[1] = { { OpKind::offline, 2, {} } }; }));
	EXPECT_TRUE(broken([&](Schedule &s) { decisions(s).resize(kMaxDecisions + 1); }));
	EXPECT_TRUE(broken([&](Schedule &s) { decisions(s)[0].at = 0; }));
	EXPECT_TRUE(broken([&](Schedule &s) { decisions(s)[0].at = kMaxAt + 1; }));
	EXPECT_TRUE(broken([&](Schedule &s) { decisions(s)[0].arg = 2; }));
	EXPECT_TRUE(broken([&](Schedule &s) { decisions(s)[0].kind = DecisionKind::irq; }));
	EXPECT_TRUE(broken([&](Schedule &s) { decisions(s).push_back({}); }));
}

TEST(Limits, SortKeepsTheOrderOfEquals)
{
	std::vector<Decision> decisions = { { 7, DecisionKind::pick, 1 },
					    { 2, DecisionKind::pick, 2 },
					    { 7, DecisionKind::pick, 3 },
					    { 2, DecisionKind::pick, 4 } };
	sort_by_anchor(decisions);
	const std::uint8_t order[] = { 2, 4, 1, 3 };
	for (std::size_t i = 0; i < 4; i++)
		EXPECT_EQ(decisions[i].arg, order[i]);
}

TEST(Limits, NamesOfSchemes)
{
	EXPECT_TRUE(is_name("shootdown-all"));
	EXPECT_TRUE(is_name(std::string(kMaxName, 'a')));
	EXPECT_FALSE(is_name(std::string(kMaxName + 1, 'a')));
	EXPECT_FALSE(is_name(""));
	EXPECT_FALSE(is_name("Refcount"));
	EXPECT_FALSE(is_name("ref count"));
	EXPECT_FALSE(is_name(std::string_view("a\0b", 3)));
}

// Seeds stand in reports and corpora: they must mean the same for ever. The first numbers are those
// of the reference implementation.
TEST(Rng, GivesTheSameNumbersEverywhere)
{
	Rng rng(1234567);
	EXPECT_EQ(rng.next(), 6457827717110365317u);
	EXPECT_EQ(rng.next(), 3203168211198807973u);
	EXPECT_EQ(rng.next(), 9817491932198370423u);
}

TEST(Rng, StaysBelow)
{
	Rng rng(5);
	unsigned seen = 0;
	for (int i = 0; i < 1000; i++) {
		const std::uint32_t n = rng.below(7);
		ASSERT_LT(n, 7u);
		seen |= 1u << n;
	}
	EXPECT_EQ(seen, 127u);
	EXPECT_EQ(rng.below(0), 0u);
	EXPECT_EQ(rng.below(1), 0u);
}

} // namespace
} // namespace lazymm::schedule
