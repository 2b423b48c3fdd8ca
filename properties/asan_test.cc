// SPDX-License-Identifier: MIT
// Where ASan ends the process in the middle of a case, the schedule that was running is named, and
// so can be replayed: a planted use after free of an mm on the heap, of which no oracle may speak.
#include <gtest/gtest.h>

#include "properties/check.h"
#include "properties/name_running_test.h"

namespace lazymm::properties
{
namespace
{

#if LAZYMM_ASAN
TEST(AsanDeathTest, NamesTheScheduleThatWasRunning)
{
	const Property property{ .name = "test-only",
				 .mixes = { exit_heavy },
				 .check = [](Case &c) {
					 Schedule heap = c.schedule;
					 heap.mm = schedule::MmMemory::heap;
					 c.run_beside(heap, { .oracles = { "none" } });
				 } };
	CheckOptions options;
	options.bug = "rc-missing-grab-u2k";
	EXPECT_EXIT(
		{
			name_running_schedule_on_death();
			check(property, "refcount", options);
			std::exit(0);
		},
		testing::ExitedWithCode(77),
		"the schedule that was running: lazymm replay LMM1:refcount.rc-missing-grab-u2k:");
}
#endif

TEST(NamesTheRunningSchedule, OnlyWhileOneRuns)
{
	testing::internal::CaptureStderr();
	name_running_schedule();
	EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

} // namespace
} // namespace lazymm::properties
