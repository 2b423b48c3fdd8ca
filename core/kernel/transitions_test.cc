// SPDX-License-Identifier: MIT
// What happens to active_mm, the hardware and mm_count when current or its mm changes, on the
// reference-counting scheme (schemes.md 2.2 to 2.7 and 3).
#include "core/kernel/kernel_rig.h"

namespace lazymm::kernel
{
namespace
{

TEST(Transitions, UserKernelKernelUser)
{
	// u2k: a reference, the hardware stays. k2k: it is handed on. k2u: the hardware moves, the
	// reference is dropped on the new stack. u2u: neither.
	EXPECT_EQ(told("cpus 1\ncpu0\n fork B\n switch kthread\n switch K\n switch B\n switch A\n",
		       "new task"),
		  "0: new task B on mm2\n"
		  "0: mm_count of mm1 1 -> 2 (lazy tlb of CPU0)\n"
		  "0: runs kthread/0 on mm1\n"
		  "0: runs K on mm1\n"
		  "0: loads mm2\n"
		  "0: runs B on mm2\n"
		  "0: mm_count of mm1 2 -> 1 (lazy tlb of CPU0)\n"
		  "0: loads mm1\n"
		  "0: runs A on mm1\n");
}

TEST(Transitions, BackToTheSameMmLoadsNothing)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n switch kthread\n switch A\n"),
		  "0: mm_count of mm1 1 -> 2 (lazy tlb of CPU0)\n"
		  "0: runs kthread/0 on mm1\n"
		  "0: runs A on mm1\n"
		  "0: mm_count of mm1 2 -> 1 (lazy tlb of CPU0)\n");
}

TEST(Transitions, SwitchesThatCannotBeDoNothing)
{
	// B does not exist, A is current, kthread/0 is bound, and A runs elsewhere.
	EXPECT_EQ(told("cpus 2\ncpu0\n switch B\n switch A\ncpu1\n switch A\n switch idle\n"), "");
}

TEST(Transitions, ExecOfAUserTask)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n exec\n"), "0: mm2 allocated\n"
						 "0: loads mm2\n"
						 "0: mm_users of mm1 1 -> 0\n"
						 "0: exit_mmap(mm1)\n"
						 "0: mm_count of mm1 1 -> 0 (all users)\n"
						 "0: __mmdrop(mm1)\n"
						 "0: pgd of mm1 freed\n"
						 "0: mm1 freed\n");
}

TEST(Transitions, ExecOfAKernelThread)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n switch K\n exec\n exec\n", "mm2"),
		  "0: mm2 allocated\n"
		  "0: loads mm2\n"
		  "0: mm_count of mm1 2 -> 1 (lazy tlb of CPU0)\n"
		  "0: mm3 allocated\n"
		  "0: loads mm3\n"
		  "0: mm_users of mm2 1 -> 0\n"
		  "0: exit_mmap(mm2)\n"
		  "0: mm_count of mm2 1 -> 0 (all users)\n"
		  "0: __mmdrop(mm2)\n"
		  "0: pgd of mm2 freed\n"
		  "0: mm2 freed\n");
	// One that is bound to its CPU stays a kernel thread.
	EXPECT_EQ(told("cpus 1\ncpu0\n switch kthread\n exec\n", "allocated"), "");
}

TEST(Transitions, ExitLeavesALazyCpuBehind)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n exit\n switch K\n"),
		  "0: mm_count of mm1 1 -> 2 (lazy tlb of CPU0)\n"
		  "0: mm_users of mm1 1 -> 0\n"
		  "0: exit_mmap(mm1)\n"
		  "0: mm_count of mm1 2 -> 1 (all users)\n"
		  "0: runs idle/0 on mm1\n"
		  "0: runs K on mm1\n"
		  "0: delayed_put_task_struct\n"
		  "0: task A freed\n");
}

TEST(Transitions, AThreadSharesTheMm)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n thread B\n exit\n switch B\n rcu\n"),
		  "0: mm_users of mm1 1 -> 2\n"
		  "0: new task B on mm1\n"
		  "0: mm_count of mm1 1 -> 2 (lazy tlb of CPU0)\n"
		  "0: mm_users of mm1 2 -> 1\n"
		  "0: runs idle/0 on mm1\n"
		  "0: runs B on mm1\n"
		  "0: mm_count of mm1 2 -> 1 (lazy tlb of CPU0)\n"
		  "0: delayed_put_task_struct\n"
		  "0: task A freed\n");
}

TEST(Transitions, UseMmAndUnuseMm)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n switch K\n use_mm A\n unuse_mm\n", "mm_users"),
		  "0: mm_users of mm1 1 -> 2\n"
		  "0: mm_count of mm1 2 -> 3 (use_mm of K)\n"
		  "0: mm_count of mm1 3 -> 2 (lazy tlb of CPU0)\n"
		  "0: mm_count of mm1 2 -> 3 (lazy tlb of CPU0)\n"
		  "0: mm_count of mm1 3 -> 2 (use_mm of K)\n"
		  "0: mm_users of mm1 2 -> 1\n");
}

} // namespace
} // namespace lazymm::kernel
