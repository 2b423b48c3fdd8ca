// SPDX-License-Identifier: MIT
// Planted bugs of architectures (core/kernel/arch.h): what they do where mms are switched and TLBs
// flushed. Under refcount, which does not care.
#include "core/kernel/arch_generic.h"
#include "core/kernel/arch_x86.h"
#include "core/schemes/bugs/on_arch.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/refcount.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

using refcount_mb = with_membarrier<refcount, membarrier_repaired>;

class refcount_on_x86 : public refcount_mb
{
	ArchKind arch() const override { return ArchKind::x86; }
};

template <class A>
using refcount_on = on_arch<refcount_mb, A>;

// --- x86 ---

/// Before 2017 idle_task_exit() called switch_mm_irqs_off() with interrupts on. No flush was lost:
/// the CPU has left the online mask by then, and flushes go to CPUs that are online. What speaks is
/// the assertion that x86 has had in it since.
class idle_exit_irqs_on : public refcount_on_x86
{
	void idle_task_exit() override
	{
		mm_ref mm = current_task().active_mm.load();
		if (mm == init_mm())
			return;
		local_irq_enable();
		switch_mm_irqs_off(mm, init_mm());
		local_irq_disable();
	}
};
REGISTER_BUG(
	{ .id = "hp-idle-exit-irqs-on-switch",
	  .scheme = "refcount",
	  .oracle = "kernel-bug",
	  .provenance = "252d2a4117bc (4.12): idle_task_exit() shouldn't use switch_mm_irqs_off()",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<idle_exit_irqs_on>,
	  .ops = "hotplug" });

REGISTER_BUG({ .id = "x86-unlazy-no-mb",
	       .scheme = "refcount",
	       .oracle = "page-table",
	       .provenance = "plausible: unlazy reads tlb_gen without a barrier behind is_lazy",
	       .memory = "tso",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_on_x86>,
	       .weaken = "x86 switch_mm: (O8) is_lazy before tlb_gen" });

/// 6.14: a CPU stays in mm_cpumask when it leaves, and a flush that finds it there in vain takes it
/// out (209954cbc7d0). So the bit may be set already when it comes back, and then there is no LOCK
/// between SWITCHING and tlb_gen.
class x86_6_14 : public ArchX86
{
	void change_mm_cpumask(mm_ref, mm_ref next) override
	{
		std::uint32_t self = 1u << smp_processor_id();
		if (!(next == init_mm()) && !(READ_ONCE(next->mm_cpumask) & self))
			set_mm_cpumask(next,
				       LAZYMM_SITE("x86 switch_mm: mm_cpumask, if not set", rmw));
		else
			smp_mb("x86 switch_mm: (O8) SWITCHING before tlb_gen");
	}
	void flush_passes_by(mm_ref mm) override
	{
		clear_mm_cpumask(mm, smp_processor_id(),
				 LAZYMM_SITE("x86 flush: trim mm_cpumask", rmw));
	}
};
REGISTER_BUG({ .id = "x86-switch-tlbgen-order",
	       .scheme = "refcount",
	       .oracle = "page-table",
	       .provenance = "83b0177a6c48 (CVE-2025-40174): SMP ordering in switch_mm_irqs_off()",
	       .memory = "tso",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_on<x86_6_14>>,
	       .weaken = "x86 switch_mm: (O8) SWITCHING before tlb_gen",
	       .ops = "switch,fork,thread,unmap" });

/// Up to 4.4, without tlb_gen: mm_cpumask is read with no barrier behind a pte that was cleared by
/// a plain store. There on the paths that return early because current does not run in the mm;
/// here on the only one that is.
class x86_4_4 : public ArchGeneric
{
	std::uint32_t ptep_get_and_clear(mm_ref mm, std::uint32_t fresh) override
	{
		std::uint32_t page = READ_ONCE(mm->pte);
		smp_store_release(mm->pte, fresh, "x86 flush: pte");
		smp_mb("x86 flush: (O8) pte before mm_cpumask");
		return page;
	}
	void flush_tlb_mm(mm_ref mm) override
	{
		// INVLPG serialises; mm_cpumask has been read by then.
		flush_by_ipi(mm, [](mm_ref mm) {
			smp_mb("x86 flush: INVLPG");
			drop_context(kernel::this_rq(), mm);
			kernel::kernel().emit({ .kind = EventKind::tlb, .mm = mm, .value = 0 });
		});
	}
};
REGISTER_BUG({ .id = "x86-flush-no-mb-vs-mask",
	       .scheme = "refcount",
	       .oracle = "page-table",
	       .provenance = "71b3c126e611 (4.5, CVE-2016-2069): switch_mm()-vs-flush barriers",
	       .memory = "tso",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_on<x86_4_4>>,
	       .weaken = "x86 flush: (O8) pte before mm_cpumask" });

// --- sparc64 ---

/// "mm_users is 1 and it is mine, so nobody else has it loaded": mm_cpumask becomes this CPU alone,
/// whose TLB is flushed. A CPU that is not in it flushes what it has when it comes back. A kernel
/// thread that took its reference and its bit in between is cut off.
class sparc64 : public ArchGeneric
{
	void switch_mm_irqs_off(mm_ref prev, mm_ref next) override
	{
		std::uint32_t self = 1u << smp_processor_id();
		if (!(next == init_mm()) && !(READ_ONCE(next->mm_cpumask) & self))
			drop_context(kernel::this_rq(), next);
		ArchGeneric::switch_mm_irqs_off(prev, next);
		// The same page tables, after somebody took the CPU out.
		if (!(next == init_mm()) && !(READ_ONCE(next->mm_cpumask) & self))
			set_mm_cpumask(next,
				       LAZYMM_SITE("sparc64 switch_mm: mm_cpumask again", rmw));
	}
	void flush_tlb_mm(mm_ref mm) override
	{
		if (atomic_read(mm->mm_users) == 1 && READ_ONCE(current_task().mm) == mm)
			xchg(mm->mm_cpumask, 1u << smp_processor_id(),
			     "sparc64 flush: mm_cpumask is this CPU alone");
		ArchGeneric::flush_tlb_mm(mm);
	}
};
REGISTER_BUG(
	{ .id = "sparc-mask-clear-vs-usemm",
	  .scheme = "refcount",
	  .oracle = "page-table",
	  .provenance = "bafb056ce279 (5.10): sparc64: mm_cpumask clearing vs kthread_use_mm()",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<refcount_on<sparc64>> });

} // namespace
} // namespace lazymm::schemes
