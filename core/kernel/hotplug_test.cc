// SPDX-License-Identifier: MIT
// CPU1, lazy on mm1, goes down and comes up: who switches the hardware, and who drops the reference
// when (schemes.md 2.8).
#include "core/kernel/kernel_rig.h"

namespace lazymm::kernel
{
namespace
{

const std::string kLazyThenOffline = "cpus 2\n"
				     "cpu0\n thread B\n touch +1 run cpu1\n switch K\n"
				     " offline cpu1\n online cpu1\n"
				     "cpu1\n switch B\n switch kthread\n";

TEST(Hotplug, H1DropsOnTheControlCpu)
{
	EXPECT_EQ(told("hotplug h1\n" + kLazyThenOffline, "cpu_down"),
		  "0: cpu_down\n"
		  "1: runs cpuhp/1 on mm1\n"
		  "1: runs idle/1 on mm1\n"
		  "1: take_cpu_down: offline\n"
		  "1: rcu_report_dead\n"
		  "1: loads init_mm\n"
		  "1: CPU dead\n"
		  "0: mm_count of mm1 3 -> 2 (lazy tlb of CPU1)\n"
		  "1: mm_count of init_mm 2 -> 3 (lazy tlb of CPU1)\n"
		  "1: CPU up\n");
}

TEST(Hotplug, H3DropsOnTheOutgoingCpu)
{
	EXPECT_EQ(told("hotplug h3\n" + kLazyThenOffline, "cpu_down"),
		  "0: cpu_down\n"
		  "1: runs cpuhp/1 on mm1\n"
		  "1: mm_count of init_mm 2 -> 3 (lazy tlb of CPU1)\n"
		  "1: loads init_mm\n"
		  "1: mm_count of mm1 3 -> 2 (lazy tlb of CPU1)\n"
		  "1: runs idle/1 on init_mm\n"
		  "1: take_cpu_down: offline\n"
		  "1: rcu_report_dead\n"
		  "1: CPU dead\n"
		  "0: mm_count of init_mm 3 -> 2 (lazy tlb of CPU1)\n"
		  "1: mm_count of init_mm 2 -> 3 (lazy tlb of CPU1)\n"
		  "1: CPU up\n");
}

TEST(Hotplug, ACpuNeitherEndsItselfNorOneThatIsDown)
{
	const std::string told_twice =
		told("cpus 2\ncpu0\n offline cpu0\n online cpu1\n offline cpu1\n offline cpu1\n"
		     " online cpu1\n online cpu1\n",
		     "cpu_down");
	const std::size_t first = told_twice.find("cpu_down");
	EXPECT_NE(first, std::string::npos);
	EXPECT_EQ(told_twice.find("0: cpu_down", first + 1), std::string::npos);
	EXPECT_EQ(told_twice.find("CPU up"), told_twice.rfind("CPU up"));
}

TEST(Hotplug, UserTasksRunAgainAfterwards)
{
	EXPECT_EQ(told("cpus 2\ncpu0\n thread B\n offline cpu1\n online cpu1 +99 run cpu0\n"
		       "cpu1\n switch B\n touch\n",
		       "CPU up")
			  .substr(0, 10),
		  "1: CPU up\n");
}

TEST(Hotplug, ThreeCpusMeetToTakeOneDown)
{
	const std::string text = told("cpus 3\ncpu0\n offline cpu2\n offline cpu1\n online cpu2\n");
	EXPECT_NE(text.find("2: take_cpu_down: offline"), std::string::npos);
	EXPECT_NE(text.find("1: take_cpu_down: offline"), std::string::npos);
	EXPECT_NE(text.find("2: CPU up"), std::string::npos);
}

} // namespace
} // namespace lazymm::kernel
