// SPDX-License-Identifier: MIT
// Where mm_structs live: a pool that gives back what was freed last, poisoned and with generations,
// or the heap.
#include "core/kernel/kernel_rig.h"
#include "core/oracles/oracle_rig.h"

namespace lazymm::kernel
{
namespace
{

/// Runs `script` as A on CPU0 of a booted kernel.
void on_cpu0(std::function<void()> script)
{
	oracles::Rig rig;
	rig.script[0] = std::move(script);
	rig.run("progress");
	EXPECT_EQ(rig.outcome, machine::Outcome::completed);
}

TEST(MmPool, GivesBackWhatWasFreedLast)
{
	on_cpu0([] {
		const mm_ref a = kernel().alloc_mm(), b = kernel().alloc_mm();
		kernel().free_mm(a);
		kernel().free_mm(b);
		const mm_ref c = kernel().alloc_mm(), d = kernel().alloc_mm();
		EXPECT_EQ(c.slot(), b.slot());
		EXPECT_EQ(d.slot(), a.slot());
		// As addresses they are equal; the generation and the number tell them apart.
		EXPECT_TRUE(c == b);
		EXPECT_FALSE(b.valid());
		EXPECT_TRUE(c.valid());
		EXPECT_GT(c.generation(), b.generation());
		EXPECT_NE(c.number(), b.number());
	});
}

TEST(MmPool, IsFinite)
{
	on_cpu0([] {
		unsigned n = 0;
		while (kernel().alloc_mm())
			n++;
		EXPECT_EQ(n, kMms - 2); // init_mm and A's
	});
}

/// CPU0 is lazy on mm1 without a reference, mm1 goes, and CPU0 drops the reference that it ought to
/// have.
const std::string kBusted = "scheme refcount\nbug rc-missing-grab-u2k\ncpus 2\n"
			    "cpu0\n fork B\n switch kthread\n switch B +1 run cpu1\n"
			    "cpu1\n switch A\n exec\n";

TEST(MmPool, OfABustedSchemeIsWatchedByGenerations)
{
	Runner runner;
	RunOptions options;
	options.oracles = { "use-after-free" };
	const Result &result = run_text(runner, "mm pool\n" + kBusted, options);
	ASSERT_TRUE(result.finding);
	EXPECT_EQ(result.finding->oracle, "use-after-free");
}

#if LAZYMM_ASAN

TEST(MmPoolDeathTest, IsPoisonedWhereNothingLives)
{
	GTEST_FLAG_SET(death_test_style, "threadsafe");
	auto stale = [] {
		const mm_ref mm = kernel().alloc_mm();
		kernel().free_mm(mm);
		mm.unchecked()->mm_users.peek();
	};
	EXPECT_DEATH(on_cpu0(stale), "AddressSanitizer: use-after-poison");
}

TEST(MmHeapDeathTest, OfABustedSchemeIsWatchedByAsan)
{
	GTEST_FLAG_SET(death_test_style, "threadsafe");
	auto busted = [] {
		Runner runner;
		RunOptions options;
		options.oracles = { "progress" }; // leave it to ASan
		run_text(runner, "mm heap\n" + kBusted, options);
	};
	EXPECT_DEATH(busted(), "AddressSanitizer: heap-use-after-free");
}

#else

TEST(MmHeap, OfABustedSchemeIsWatchedByGenerationsWithoutAsan)
{
	Runner runner;
	RunOptions options;
	options.oracles = { "use-after-free" };
	ASSERT_TRUE(run_text(runner, "mm heap\n" + kBusted, options).finding);
}

#endif

TEST(MmHeap, RunsTheSameAsThePool)
{
	const std::string text = "cpus 2\ncpu0\n fork B\n switch kthread\n exec\n switch B\n exit\n"
				 "cpu1\n switch A\n exec\n exit\n rcu\n";
	EXPECT_EQ(told("mm heap\n" + text), told("mm pool\n" + text));
}

} // namespace
} // namespace lazymm::kernel
