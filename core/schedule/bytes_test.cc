// SPDX-License-Identifier: MIT
#include "core/schedule/any_schedule.h"
#include "core/schedule/bytes.h"
#include "core/schedule/edits.h"
#include "core/schedule/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lazymm::schedule
{
namespace
{

using Bytes = std::vector<std::uint8_t>;

Schedule decoded(const Bytes &bytes)
{
	Schedule schedule;
	decode(bytes, schedule);
	return schedule;
}

Bytes random_bytes(Rng &rng, unsigned max_size)
{
	Bytes bytes(rng.below(max_size + 1));
	for (std::uint8_t &byte : bytes)
		byte = static_cast<std::uint8_t>(rng.next() >> 56);
	return bytes;
}

// A corpus outlives the build that wrote it. If this fails, the format has changed: that takes a
// new token version and a decoder for the old bytes, not a new expectation.
TEST(Bytes, MeanTheSameForEver)
{
	const Bytes bytes = { 0x95, 0x02, 0x11, 0x51, 0x2c, 0xe1, 0x04, 0xe4, 0x04, 0x05,
			      0x21, 0xf1, 0x02, 0xdd, 0x03, 0xf7, 0x85, 0x01, 0xc8 };
	Schedule schedule = decoded(bytes);
	schedule.scheme = "refcount";
	EXPECT_EQ(to_text(schedule), "lazymm-schedule 1\n"
				     "scheme refcount\n"
				     "memory tso\n"
				     "hotplug h1\n"
				     "mm heap\n"
				     "search pos 17\n"
				     "cpus 2\n"
				     "\n"
				     "cpu0\n"
				     "  exit            +5 run cpu1     +9 irq\n"
				     "cpu1\n"
				     "  fork B\n"
				     "  switch B\n"
				     "  switch kthread  +3 older 1\n"
				     "  thread F        +134 hold 200\n");
	EXPECT_EQ(decoded(encode(schedule)), decoded(bytes));
}

TEST(Bytes, AnArchitectureStandsBehindTheHeader)
{
	Schedule schedule;
	schedule.hotplug = Hotplug::h3;
	EXPECT_EQ(encode(schedule), (Bytes{ 0x08 }));
	schedule.arch = Arch::x86;
	EXPECT_EQ(encode(schedule), (Bytes{ 0x0c, 0x12 }));
	EXPECT_EQ(decoded({ 0x0c, 0x12 }), schedule);
	// Cut off, it is none.
	EXPECT_EQ(decoded({ 0x0c }), Schedule{});
}

TEST(Bytes, OfTheEmptySchedule)
{
	EXPECT_EQ(decoded({}), Schedule{});
	EXPECT_EQ(encode(Schedule{}), Bytes{});
}

TEST(Bytes, DecodeOfEncodeIsTheSchedule)
{
	Rng rng(3);
	for (int i = 0; i < 20000; i++) {
		const Schedule schedule = any_schedule(rng);
		ASSERT_EQ(decoded(encode(schedule)), schedule);
	}
}

TEST(Bytes, DecodeOfEncodeAtAllLimits)
{
	Schedule schedule;
	const Decision last = { kMaxAt, DecisionKind::defer, kMaxArg };
	const Op op = { OpKind::pin, kUserTasks - 1, std::vector<Decision>(kMaxDecisions, last) };
	schedule.cpus.assign(kMaxCpus, std::vector<Op>(kMaxOps, op));
	schedule.search = Search{ Strategy::portfolio, ~0u };
	const Bytes bytes = encode(schedule);
	EXPECT_EQ(decoded(bytes), schedule);
	EXPECT_LT(bytes.size(), 450u * 1024);

	// More than the limits allow is passed over.
	Bytes twice = bytes;
	twice.insert(twice.end(), bytes.begin(), bytes.end());
	EXPECT_EQ(decoded(twice), schedule);
}

TEST(Bytes, EachOperationWithEachOperand)
{
	for (unsigned cpus = 1; cpus <= kMaxCpus; cpus++) {
		for (unsigned kind = 0; kind < kOpKinds; kind++) {
			const OpKind op = static_cast<OpKind>(kind);
			for (unsigned i = 0; i < operand_range(info(op).operand, cpus); i++) {
				Schedule schedule;
				schedule.cpus.assign(cpus, {});
				schedule.cpus[cpus - 1].push_back(
					{ op, static_cast<std::uint8_t>(i), {} });
				const Bytes bytes = encode(schedule);
				EXPECT_EQ(decoded(bytes), schedule);
				EXPECT_LE(bytes.size(), 3u);
			}
		}
	}
}

RC_GTEST_PROP(Bytes, EncodeIsCanonical, (const Bytes &bytes))
{
	const Schedule schedule = decoded(bytes);
	RC_ASSERT(within_limits(schedule));
	const Bytes canonical = encode(schedule);
	RC_ASSERT(decoded(canonical) == schedule);
	// One more where an item that was cut off at the end is not the last in canonical order.
	RC_ASSERT(canonical.size() <= bytes.size() + 1);
}

TEST(Bytes, NoPrefixOfTheCanonicalOnesMeansTheSame)
{
	Rng rng(4);
	for (int i = 0; i < 2000; i++) {
		const Schedule schedule = any_schedule(rng);
		Bytes bytes = encode(schedule);
		while (!bytes.empty() && bytes.size() < 100) {
			bytes.pop_back();
			ASSERT_NE(decoded(bytes), schedule);
		}
	}
}

TEST(Bytes, OrderBetweenCpusSaysNothing)
{
	const Bytes canonical = { 0x00, 0x00, 0xe4, 0x04, 0x2c, 0x21 };
	const Bytes mixed = { 0x00, 0x21, 0x00, 0xe4, 0x04, 0x2c };
	EXPECT_EQ(decoded(mixed), decoded(canonical));
	EXPECT_EQ(encode(decoded(mixed)), canonical);
}

TEST(Bytes, StrayDecisionsArePassedOver)
{
	EXPECT_EQ(decoded({ 0x00, 0xe1, 0x05, 0x2c }), decoded({ 0x00, 0x2c }));
}

TEST(Bytes, AnchorsStopAtTheLimit)
{
	const Schedule schedule =
		decoded({ 0x00, 0x2c, 0xe4, 0xff, 0x7f, 0xe4, 0xff, 0x7f, 0xe4, 0x01 });
	for (const Decision &decision : schedule.cpus[0][0].decisions)
		EXPECT_EQ(decision.at, kMaxAt);
	EXPECT_EQ(schedule.cpus[0][0].decisions.size(), 3u);
}

TEST(Bytes, CarryNeitherSchemeNorBugNorWeaken)
{
	Schedule schedule;
	schedule.scheme = "refcount";
	schedule.bug = "rc-missing-grab-u2k";
	schedule.weaken = { "mmdrop: mm_count" };
	const Schedule before = schedule;
	decode({}, schedule);
	EXPECT_EQ(schedule, before);
	schedule.scheme.clear();
	EXPECT_EQ(encode(schedule), encode(before));
}

TEST(Bytes, NothingOfTheLastScheduleIsLeft)
{
	Rng rng(5);
	Schedule reused;
	for (int i = 0; i < 20000; i++) {
		const Bytes bytes = random_bytes(rng, 40);
		decode(bytes, reused);
		ASSERT_EQ(reused, decoded(bytes));
	}
}

TEST(Bytes, AScheduleBeyondTheLimitsIsClipped)
{
	Schedule schedule;
	schedule.cpus.assign(7, std::vector<Op>(200, Op{ OpKind::switch_to, 77, {} }));
	Schedule clipped = schedule;
	clip(clipped);
	EXPECT_EQ(decoded(encode(schedule)), clipped);
}

TEST(BytesGarbage, AMillionRandomStringsDecode)
{
	Rng rng(6);
	Schedule schedule, again;
	for (int i = 0; i < 1000000; i++) {
		const Bytes bytes = random_bytes(rng, 24);
		decode(bytes, schedule);
		ASSERT_TRUE(within_limits(schedule));
		if (i % 4 == 0) {
			decode(encode(schedule), again);
			ASSERT_EQ(again, schedule);
		}
	}
}

TEST(BytesGarbage, ALongStringStopsAtTheLimits)
{
	Rng rng(7);
	Bytes bytes(1000000);
	for (int round = 0; round < 4; round++) {
		// Random; only operations; only decisions; only bytes that go on.
		for (std::uint8_t &byte : bytes)
			byte = static_cast<std::uint8_t>(round == 0   ? rng.below(256)
							 : round == 1 ? rng.below(224)
							 : round == 2 ? 224 + rng.below(32)
								      : 0xff);
		bytes[1] = 0;
		const Schedule schedule = decoded(bytes);
		EXPECT_TRUE(within_limits(schedule));
		EXPECT_EQ(decoded(encode(schedule)), schedule);
	}
}

} // namespace
} // namespace lazymm::schedule
