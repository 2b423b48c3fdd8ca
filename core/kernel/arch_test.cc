// SPDX-License-Identifier: MIT
// What architectures differ in: who hears of a flush, when the hardware follows, who is in
// mm_cpumask (arch.h).
#include "core/kernel/kernel_rig.h"

namespace lazymm::kernel
{
namespace
{

/// CPU1 is lazy on mm1 while A unmaps a page of it on CPU0; then B comes back there.
const std::string kFlushWhileLazy = "cpus 2\n"
				    "cpu0\n thread B\n unmap +1 run cpu1\n"
				    "cpu1\n switch B\n switch kthread\n touch +1 run cpu0\n"
				    " switch B\n";
/// CPU1 is lazy on mm2 while its only user exits on CPU0.
const std::string kExitBelowLazy = "cpus 2\n"
				   "cpu0\n fork B\n switch B +1 run cpu1\n exit\n"
				   "cpu1\n switch B\n switch kthread\n touch +1 run cpu0\n";

bool says(const std::string &lines, const std::string &what)
{
	return lines.find(what) != std::string::npos;
}

constexpr const char *kFlushIpi = "IPI to CPU1: flush TLB";

TEST(Arch, GenericFlushesLazyCpusByIpi)
{
	EXPECT_TRUE(says(told("arch generic\n" + kFlushWhileLazy), kFlushIpi));
	EXPECT_EQ(told("arch generic\n" + kFlushWhileLazy), told(kFlushWhileLazy));
	EXPECT_FALSE(says(told("arch generic\n" + kExitBelowLazy), kFlushIpi));
}

TEST(Arch, X86LeavesLazyCpusAloneUnlessTablesWereFreed)
{
	const std::string unmapped = told("arch x86\n" + kFlushWhileLazy, "runs kthread/1");
	EXPECT_FALSE(says(unmapped, kFlushIpi));
	EXPECT_TRUE(says(unmapped, "1: loads mm1")); // tlb_gen told it to flush
	const std::string exited = told("arch x86\n" + kExitBelowLazy, kFlushIpi);
	EXPECT_TRUE(says(exited, "1: loads init_mm"));
	EXPECT_FALSE(says(exited, "runs kthread/1 on init_mm")); // active_mm stays
}

TEST(Arch, BroadcastRunsNoCodeElsewhere)
{
	EXPECT_FALSE(says(told("arch broadcast\n" + kFlushWhileLazy), "IPI"));
	EXPECT_FALSE(says(told("arch broadcast\n" + kExitBelowLazy), "IPI"));
}

TEST(Arch, DeferredLeavesAtOnceAndTakesLate)
{
	const std::string lines =
		told("arch deferred\ncpus 1\ncpu0\n fork B\n switch B\n", "loads");
	EXPECT_EQ(lines.substr(0, lines.find("loads mm2")), "0: loads init_mm\n"
							    "0: runs B on mm2\n"
							    "0: ");
}

TEST(Arch, PowerpcTrimsTheMaskByIpi)
{
	const std::string lines = told("arch powerpc\ncpus 2\n"
				       "cpu0\n thread B\n unmap +1 run cpu1\n unmap\n"
				       "cpu1\n switch B\n exit\n touch +1 run cpu0\n",
				       "IPI");
	EXPECT_TRUE(says(lines, "IPI to CPU1: exit_lazy_flush_tlb"));
	EXPECT_TRUE(says(lines, "1: loads init_mm"));
	EXPECT_EQ(lines.find("IPI"), lines.rfind("IPI")); // the second unmap finds nobody
}

} // namespace
} // namespace lazymm::kernel
