// SPDX-License-Identifier: MIT
// Text that is a schedule; text that is none is in text_error_test.cc.
#include "core/schedule/any_schedule.h"
#include "core/schedule/text.h"

#include <gtest/gtest.h>

namespace lazymm::schedule
{
namespace
{

Schedule parsed(std::string_view text)
{
	auto result = parse_text(text, "t.sched");
	if (const auto *error = std::get_if<ParseError>(&result)) {
		ADD_FAILURE() << error->str() << "\n" << text;
		return {};
	}
	return std::get<Schedule>(result);
}

constexpr char kFull[] = "lazymm-schedule 1\n"
			 "scheme refcount\n"
			 "bug rc-missing-grab-u2k\n"
			 "memory sc\n"
			 "hotplug h1\n"
			 "arch x86\n"
			 "mm heap\n"
			 "weaken \"mmdrop: mm_count\"\n"
			 "weaken \"a \\\"b\\\" \\\\ \\x00 # c\"\n"
			 "search pos 17\n"
			 "cpus 2\n"
			 "\n"
			 "cpu0\n"
			 "  fork B\n"
			 "  exit            +5 run cpu1     +9 irq\n"
			 "cpu1\n"
			 "  switch B\n"
			 "  switch kthread  +3 older 1\n"
			 "  offline cpu1    +1 preempt      +1 defer 255    +12345 hold 200\n"
			 "                  +16383 under 7  +16383 pick 0\n";

TEST(Text, Full)
{
	Schedule expected;
	expected.scheme = "refcount";
	expected.bug = "rc-missing-grab-u2k";
	expected.hotplug = Hotplug::h1;
	expected.arch = Arch::x86;
	expected.mm = MmMemory::heap;
	expected.weaken = { "mmdrop: mm_count", std::string("a \"b\" \\ \0 # c", 13) };
	expected.search = Search{ Strategy::pos, 17 };
	expected.cpus[0] = {
		{ OpKind::fork, 1, {} },
		{ OpKind::exit, 0, { { 5, DecisionKind::run, 1 }, { 9, DecisionKind::irq, 0 } } },
	};
	expected.cpus[1] = {
		{ OpKind::switch_to, 1, {} },
		{ OpKind::switch_to, 8, { { 3, DecisionKind::older, 1 } } },
		{ OpKind::offline,
		  1,
		  { { 1, DecisionKind::preempt, 0 },
		    { 1, DecisionKind::defer, 255 },
		    { 12345, DecisionKind::hold, 200 },
		    { 16383, DecisionKind::under, 7 },
		    { 16383, DecisionKind::pick, 0 } } },
	};
	EXPECT_EQ(parsed(kFull), expected);
	EXPECT_EQ(to_text(expected), kFull);
}

TEST(Text, DefaultsAreNotPrinted)
{
	Schedule schedule;
	schedule.scheme = "hazptr";
	EXPECT_EQ(to_text(schedule), "lazymm-schedule 1\n"
				     "scheme hazptr\n"
				     "memory sc\n"
				     "cpus 2\n"
				     "\n"
				     "cpu0\n"
				     "cpu1\n");
	EXPECT_EQ(parsed("lazymm-schedule 1\nscheme hazptr"), schedule);
}

TEST(Text, CpuOperandDefaultsToTheCpuOfTheScript)
{
	const Schedule schedule = parsed("lazymm-schedule 1\n"
					 "scheme lazy-mm\n"
					 "memory weak\n"
					 "cpus 3\n"
					 "cpu1\n"
					 "  offline\n"
					 "cpu2\n"
					 "  online +1 irq\n"
					 "  offline cpu0\n");
	EXPECT_EQ(schedule.cpus[1][0].operand, 1);
	EXPECT_EQ(schedule.cpus[2][0].operand, 2);
	EXPECT_EQ(schedule.cpus[2][0].decisions.size(), 1u);
	EXPECT_EQ(schedule.cpus[2][1].operand, 0);
}

TEST(Text, LayoutDoesNotMatter)
{
	const Schedule schedule = parsed("\xef\xbb\xbf# a witness\r\n"
					 "\r\n"
					 "\tlazymm-schedule\t1 # version\r\n"
					 "cpus 2\r\n"
					 "weaken \"a # b\"# not a comment before this one\r\n"
					 "search pos 17\r\n"
					 "mm heap\n"
					 "scheme refcount#\n"
					 "cpu1 # out of order\n"
					 "switch    B\n"
					 "\n"
					 "     switch kthread\n"
					 "  # in between \x01\n"
					 "  +3 older 1\n"
					 "cpu0\n"
					 "  fork B");
	Schedule expected;
	expected.scheme = "refcount";
	expected.mm = MmMemory::heap;
	expected.weaken = { "a # b" };
	expected.search = Search{ Strategy::pos, 17 };
	expected.cpus[0] = { { OpKind::fork, 1, {} } };
	expected.cpus[1] = { { OpKind::switch_to, 1, {} },
			     { OpKind::switch_to, 8, { { 3, DecisionKind::older, 1 } } } };
	EXPECT_EQ(schedule, expected);
}

TEST(Text, OfAScheduleThatIsNotDone)
{
	Schedule schedule;
	schedule.cpus = { { { OpKind::switch_to, 99, { { 0, DecisionKind::run, 7 } } } } };
	EXPECT_EQ(to_text(schedule), "lazymm-schedule 1\n"
				     "scheme ?\n"
				     "memory sc\n"
				     "cpus 1\n"
				     "\n"
				     "cpu0\n"
				     "  switch idle     +1 run cpu0\n");
}

TEST(Text, ParseOfToTextIsTheSchedule)
{
	Rng rng(11);
	for (int i = 0; i < 10000; i++) {
		const Schedule schedule = any_named_schedule(rng);
		const std::string text = to_text(schedule);
		ASSERT_EQ(parsed(text), schedule) << text;
		ASSERT_EQ(to_text(parsed(text)), text);
	}
}

TEST(Text, FitsIntoAMail)
{
	Rng rng(12);
	for (int i = 0; i < 1000; i++) {
		Schedule schedule = any_schedule(rng);
		schedule.scheme = "refcount";
		const std::string text = to_text(schedule);
		for (std::size_t start = 0, end; start < text.size(); start = end + 1) {
			end = text.find('\n', start);
			ASSERT_LE(end - start, 72u) << text.substr(start, end - start);
		}
	}
}

TEST(Text, AtAllLimits)
{
	Schedule schedule;
	schedule.scheme = std::string(64, 'a');
	schedule.weaken.assign(kMaxWeaken, std::string(kMaxSite, '\0'));
	const Decision last = { kMaxAt, DecisionKind::defer, kMaxArg };
	const Op op = { OpKind::pin, 5, std::vector<Decision>(kMaxDecisions, last) };
	schedule.cpus.assign(kMaxCpus, std::vector<Op>(kMaxOps, op));
	EXPECT_EQ(parsed(to_text(schedule)), schedule);
}

} // namespace
} // namespace lazymm::schedule
