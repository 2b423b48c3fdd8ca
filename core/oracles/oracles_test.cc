// SPDX-License-Identifier: MIT
// Every oracle by itself, on a booted kernel: what it must say, and where it must be silent.
// (mm-count: mm_count_test.cc.)
#include <cstring>

#include "core/oracles/oracle_rig.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::mm_ref;
using machine::Outcome;

TEST(Oracles, AreRegisteredOnceEachInOrder)
{
	std::vector<std::string> names;
	for (const auto &oracle : make_all()) {
		names.push_back(oracle->name());
		EXPECT_GT(std::strlen(oracle->promise()), 10u);
	}
	const std::vector<std::string> expected = {
		"context",	  "core-serialised",  "data-race",	  "kernel-bug",
		"membarrier-api", "membarrier-fence", "membarrier-order", "mm-count",
		"page-table",	  "progress",	      "stale-active-mm",  "use-after-free"
	};
	EXPECT_EQ(names, expected);
}

TEST(Oracles, AreSilentWhereNothingHappens)
{
	Rig rig;
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(rig.outcome, Outcome::completed);
}

TEST(UseAfterFree, NamesBothSides)
{
	auto stale = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		kernel::kernel().free_mm(mm);
		kernel::READ_ONCE(mm->mm_count);
	};
	auto f = say("use-after-free", stale);
	EXPECT_SAYS(f, "mm_struct",
		    "CPU0, running A, follows a reference to mm2, which CPU0 freed (");
	auto reused = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		kernel::kernel().free_mm(mm);
		kernel::kernel().free_mm(kernel::kernel().alloc_mm());
		kernel::kernel().alloc_mm();
		kernel::READ_ONCE(mm->mm_count);
	};
	EXPECT_SAYS(say("use-after-free", reused), "mm_struct",
		    "mm3 has lived and died in its memory");
	auto alive = [] { kernel::READ_ONCE(kernel::kernel().alloc_mm()->mm_count); };
	EXPECT_SILENT(say("use-after-free", alive));
}

TEST(PageTable, FreedWhileLoaded)
{
	auto own = [] { emit({ .kind = EventKind::free_pgd, .mm = mm1() }); };
	EXPECT_SAYS(say("page-table", own), "pgd-freed-while-loaded",
		    "which it has loaded, running A");
	auto others = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		kernel::kernel().cpu_rq(1).loaded_mm.init(mm);
		emit({ .kind = EventKind::free_pgd, .mm = mm });
	};
	EXPECT_SAYS(say("page-table", others), "pgd-freed-while-loaded",
		    "which CPU1 has loaded, running idle/1");
	auto nobody = [] {
		emit({ .kind = EventKind::free_pgd, .mm = kernel::kernel().alloc_mm() });
	};
	EXPECT_SILENT(say("page-table", nobody));
	// Another mm that had the same memory is not the one that is loaded.
	auto reused = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		kernel::kernel().cpu_rq(1).loaded_mm.init(mm);
		kernel::kernel().free_mm(mm);
		emit({ .kind = EventKind::free_pgd, .mm = kernel::kernel().alloc_mm() });
	};
	EXPECT_SILENT(say("page-table", reused));
}

TEST(PageTable, WalkedAndCached)
{
	auto walk = [] { emit({ .kind = EventKind::walk_freed, .mm = mm1() }); };
	EXPECT_SAYS(say("page-table", walk), "freed-table-walked", "mm1");
	auto tlb = [] { emit({ .kind = EventKind::stale_tlb, .mm = mm1() }); };
	EXPECT_SAYS(say("page-table", tlb), "stale-tlb", "mm1");
	EXPECT_SILENT(say("page-table", [] { kernel::mmu_walk(); }));
}

TEST(StaleActiveMm, FreedUnderACpu)
{
	auto f = say("stale-active-mm", [] { kernel::kernel().free_mm(mm1()); });
	EXPECT_SAYS(f, "active-mm-freed", "CPU0 frees mm1, which is active_mm of A on CPU0");
	auto others = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		kernel::kernel().cpu_rq(1).idle->active_mm.init(mm);
		kernel::kernel().free_mm(mm);
	};
	EXPECT_SAYS(say("stale-active-mm", others), "active-mm-freed", "of idle/1 on CPU1");
	auto not_current = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		kernel::this_rq().kthread->active_mm.init(mm);
		kernel::this_rq().prev_mm.init(mm);
		kernel::kernel().free_mm(mm);
	};
	EXPECT_SILENT(say("stale-active-mm", not_current));
}

TEST(StaleActiveMm, TakenUpAfterwards)
{
	for (EventKind kind : { EventKind::switched, EventKind::set_active }) {
		auto script = [kind] {
			mm_ref mm = kernel::kernel().alloc_mm();
			kernel::kernel().free_mm(mm);
			kernel::kernel().alloc_mm(); // at the same address
			emit({ .kind = kind, .mm = mm });
		};
		EXPECT_SAYS(say("stale-active-mm", script), "active-mm-freed", "active_mm = mm2");
		auto alive = [kind] { emit({ .kind = kind, .mm = mm1() }); };
		EXPECT_SILENT(say("stale-active-mm", alive));
	}
}

TEST(StaleActiveMm, HazardPointer)
{
	auto held_and_freed = [](bool let_go) {
		return [let_go] {
			mm_ref mm = kernel::kernel().alloc_mm();
			emit({ .kind = EventKind::lazy_hold, .mm = mm, .value = 1 });
			if (let_go)
				emit({ .kind = EventKind::lazy_hold, .mm = mm, .value = 0 });
			kernel::kernel().free_mm(mm);
		};
	};
	EXPECT_SAYS(say("stale-active-mm", held_and_freed(false)), "hazard-pointer-dangles", "mm2");
	EXPECT_SILENT(say("stale-active-mm", held_and_freed(true)));
}

TEST(StaleActiveMm, SharesWarningsWithKernelBug)
{
	auto about_it = [] { kernel::WARN_ON(true, "__mmdrop: mm == current->active_mm"); };
	EXPECT_SAYS(say("stale-active-mm", about_it), "active-mm-freed", "__mmdrop");
	EXPECT_SILENT(say("kernel-bug", about_it));
	auto another = [] { kernel::WARN_ON(true, "rq->lazy_mm"); };
	EXPECT_SILENT(say("stale-active-mm", another));
	EXPECT_SAYS(say("kernel-bug", another), "warn: rq->lazy_mm",
		    "running A: WARN_ON(rq->lazy_mm)");
}

TEST(KernelBug, BugOn)
{
	EXPECT_SAYS(say("kernel-bug", [] { kernel::BUG_ON(true, "no good"); }), "no good",
		    "BUG_ON(no good)");
	EXPECT_SILENT(say("kernel-bug", [] { kernel::BUG_ON(false, "no good"); }));
}

TEST(Context, WhereMmdropMayNotRun)
{
	namespace bits = kernel::context;
	auto in = [](unsigned where) {
		return say("context", [where] {
			emit({ .kind = EventKind::mmdrop_context,
			       .mm = mm1(),
			       .value = static_cast<int>(where) });
		});
	};
	EXPECT_SAYS(in(bits::hardirq | bits::irqs_off), "mmdrop-in-hardirq", "__mmdrop(mm1)");
	EXPECT_SAYS(in(bits::softirq | bits::preempt_off), "mmdrop-in-softirq", "softirq");
	EXPECT_SAYS(in(bits::rq_lock | bits::irqs_off), "mmdrop-under-rq-lock", "rq lock");
	EXPECT_SILENT(in(bits::irqs_off | bits::preempt_off | bits::cpus_write_lock));
}

TEST(Context, WhereNobodyMayWaitForIpis)
{
	namespace bits = kernel::context;
	auto in = [](unsigned where) {
		return say("context", [where] {
			emit({ .kind = EventKind::ipi_wait_context,
			       .value = static_cast<int>(where) });
		});
	};
	EXPECT_SAYS(in(bits::hardirq | bits::irqs_off), "ipi-wait-in-hardirq", "handler");
	EXPECT_SAYS(in(bits::softirq | bits::preempt_off), "ipi-wait-in-softirq", "softirq");
	EXPECT_SAYS(in(bits::irqs_off), "ipi-wait-irqs-off", "with interrupts off");
}

#if !LAZYMM_TSAN // these races are real: TSan reports them itself
TEST(DataRace, NamesTheLocationWithoutItsNumber)
{
	Rig rig;
	rig.script[0] = [] { kernel::kernel().cpu_rq(0).prev_mm.store({}); };
	rig.script[1] = rig.script[0];
	auto f = rig.run("data-race");
	EXPECT_SAYS(f, "race:rq.prev_mm", "CPU1 writes rq0.prev_mm (oracles_test.cc:");
	EXPECT_SAYS(f, "race:rq.prev_mm", "after CPU0's write");
	rig.script[0] = [] { kernel::kernel().task(0).active_mm.store({}); };
	rig.script[1] = [] { kernel::kernel().task(0).active_mm.load(); };
	EXPECT_SAYS(rig.run("data-race"), "race:task.active_mm", "CPU1 reads A.active_mm");
	auto own = [] { kernel::this_rq().prev_mm.store({}); };
	rig.script[0] = rig.script[1] = own;
	EXPECT_SILENT(rig.run("data-race"));
}
#endif

TEST(Progress, Deadlock)
{
	// CPU0 waits for itself with interrupts off, CPU1 for CPU0.
	Rig rig;
	rig.script[0] = [] {
		kernel::local_irq_disable();
		kernel::spin_lock(kernel::kernel().pgd_lock);
		kernel::spin_lock(kernel::kernel().pgd_lock);
	};
	rig.script[1] = [] { kernel::smp_call_function_many(1, [](void *) {}, nullptr, "test"); };
	auto f = rig.run("progress");
	EXPECT_EQ(rig.outcome, Outcome::deadlock);
	EXPECT_SAYS(f, "deadlock:pgd_lock",
		    "CPU0 (A) waits for pgd_lock with interrupts off; CPU1");
	// The same the other way round has the same name.
	std::swap(rig.script[0], rig.script[1]);
	rig.script[0] = [] { kernel::smp_call_function_many(2, [](void *) {}, nullptr, "test"); };
	EXPECT_SAYS(rig.run("progress"), "deadlock:pgd_lock", "CPU1 (idle/1) waits for pgd_lock");
}

TEST(Progress, LivelockAndBound)
{
	Rig rig;
	rig.script[0] = [] {
		for (;;)
			kernel::this_machine().relax();
	};
	EXPECT_SAYS(rig.run("progress"), "livelock:cpu_relax", "CPU0 (A) waits for cpu_relax");
	rig.script[0] = [] {
		for (;;)
			kernel::READ_ONCE(kernel::current_task().mm);
	};
	EXPECT_SAYS(rig.run("progress"), "no-end", "not a proof");
	rig.script[0] = nullptr;
	EXPECT_SILENT(rig.run("progress"));
}

} // namespace
} // namespace lazymm::oracles
