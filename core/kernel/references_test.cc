// SPDX-License-Identifier: MIT
// References that tasks hold explicitly, and the ends of an mm: by a pin, a work item, RCU.
#include "core/kernel/kernel_rig.h"

namespace lazymm::kernel
{
namespace
{

TEST(References, GetAndPut)
{
	EXPECT_EQ(told("cpus 2\ncpu0\n touch +1 run cpu1\ncpu1\n switch K\n get A\n put\n put\n",
		       "mm_users"),
		  "1: mm_users of mm1 1 -> 2\n"
		  "1: mm_users of mm1 2 -> 1\n");
}

TEST(References, APinKeepsTheStructButNotTheUsers)
{
	// K pins mm1; A exits; then mmget_not_zero() fails, and the last drop is the pin's.
	EXPECT_EQ(told("cpus 2\n"
		       "cpu0\n fork B\n touch +1 run cpu1\n exit\n switch B\n touch +1 run cpu1\n"
		       "cpu1\n switch K\n pin A\n touch +1 run cpu0\n get B\n put\n unpin\n",
		       "pin of K"),
		  "1: mm_count of mm1 1 -> 2 (pin of K)\n"
		  "0: mm_count of mm1 2 -> 3 (lazy tlb of CPU0)\n"
		  "0: mm_users of mm1 1 -> 0\n"
		  "0: exit_mmap(mm1)\n"
		  "0: mm_count of mm1 3 -> 2 (all users)\n"
		  "0: runs idle/0 on mm1\n"
		  "0: loads mm2\n"
		  "0: runs B on mm2\n"
		  "0: mm_count of mm1 2 -> 1 (lazy tlb of CPU0)\n"
		  "1: mm_count of mm1 1 -> 0 (pin of K)\n"
		  "1: __mmdrop(mm1)\n"
		  "1: pgd of mm1 freed\n"
		  "1: mm1 freed\n"
		  "0: delayed_put_task_struct\n"
		  "0: task A freed\n");
}

TEST(References, ThoseOfAnOomVictimEndInAWorkItem)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n fork B\n oom A\n exit\n switch B\n rcu\n switch K\n work\n",
		       "delayed_put"),
		  "0: delayed_put_task_struct\n"
		  "0: mm_count of mm1 1 -> 0 (signal_struct of A)\n"
		  "0: task A freed\n"
		  "0: mm_count of mm2 1 -> 2 (lazy tlb of CPU0)\n"
		  "0: runs K on mm2\n"
		  "0: __mmdrop(mm1)\n"
		  "0: pgd of mm1 freed\n"
		  "0: mm1 freed\n");
}

TEST(References, RcuCallbacksComeInAnyOrder)
{
	const std::string text = "cpus 1\ncpu0\n thread B\n exit\n switch B\n exit\n rcu";
	EXPECT_EQ(told(text + "\n", "delayed"), "0: delayed_put_task_struct\n"
						"0: task A freed\n"
						"0: delayed_put_task_struct\n"
						"0: task B freed\n");
	EXPECT_EQ(told(text + " +2 pick 1\n", "delayed"), "0: delayed_put_task_struct\n"
							  "0: task B freed\n"
							  "0: delayed_put_task_struct\n"
							  "0: task A freed\n");
}

} // namespace
} // namespace lazymm::kernel
