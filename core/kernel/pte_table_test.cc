// SPDX-License-Identifier: MIT
// Page tables that are halves of pages: who gets them, who walks them, when they go.
#include "core/kernel/kernel_rig.h"

namespace lazymm::kernel
{
namespace
{

TEST(PageTables, AreNotThereWithoutAScheme)
{
	EXPECT_EQ(told("cpus 1\ncpu0\n alloc_table\n free_table\n touch\n", "table"), "");
}

TEST(PageTables, AreWalkedWhileTheyAreThere)
{
	EXPECT_EQ(told("scheme pte-defer-final\ncpus 1\n"
		       "cpu0\n alloc_table\n alloc_table\n free_table\n touch\n free_table\n rcu\n",
		       "table 1"),
		  "0: table 1 of mm1 populates a pmd\n"
		  "0: table 2 of mm1 populates a pmd\n"
		  "0: table 1 of mm1 leaves its pmd\n"
		  "0: table 2 of mm1 was walked\n"
		  "0: table 2 of mm1 leaves its pmd\n"
		  "0: pte_free_now\n");
}

TEST(PageTables, HalvesTakeTurnsWithTheRcuHead)
{
	EXPECT_EQ(told("scheme pte-defer-global-lock\ncpus 1\n"
		       "cpu0\n alloc_table\n alloc_table\n free_table\n free_table\n rcu\n rcu\n",
		       "table 2 of mm1 leaves"),
		  "0: table 2 of mm1 leaves its pmd\n"
		  "0: pte_free_now0\n"
		  "0: pte_free_now1\n");
}

TEST(PageTables, AWalkDelaysTheCallback)
{
	const std::string text = "scheme pte-defer-final\ncpus 2\n"
				 "cpu0\n thread B\n alloc_table\n free_table +1 run cpu1\n rcu\n"
				 "cpu1\n switch B\n touch";
	EXPECT_EQ(told(text + " +6 run cpu0\n", "leaves"), "0: table 1 of mm1 leaves its pmd\n"
							   "1: table 1 of mm1 was walked\n"
							   "0: pte_free_now\n");
}

} // namespace
} // namespace lazymm::kernel
