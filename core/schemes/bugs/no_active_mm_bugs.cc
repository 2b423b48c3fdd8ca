// SPDX-License-Identifier: MIT
// Planted bugs of the schemes in which the last mmput makes CPUs leave: no-active-mm,
// free-immediately, mmput-shoot.
#include "core/schemes/free_immediately.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/mmput_shoot.h"
#include "core/schemes/no_active_mm.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

/// text_poke() borrows the CPU for a temporary mm (init_mm will do: what matters is that it is
/// another one) and loads what was loaded again. The CPU is not lazy behind it, although no task
/// there has that mm. kthread/N stands for whoever patches kernel text: it does when it gets the
/// CPU. The fix leaves the lazy mm before it borrows.
class textpoke_restores_lazy_mm : public with_membarrier<no_active_mm, membarrier_repaired>
{
	void finish_lazy(rq &rq, mm_ref) override
	{
		if (&current_task() == rq.kthread && !READ_ONCE(current_task().mm))
			text_poke();
	}
	void text_poke()
	{
		local_irq_disable();
		mm_ref prev = READ_ONCE(this_tlbstate().loaded_mm);
		switch_mm(init_mm()); // use_temporary_mm()
		switch_mm(prev);      // unuse_temporary_mm()
		local_irq_enable();
	}
};
REGISTER_BUG({ .id = "x86-textpoke-restores-lazy-mm",
	       .scheme = "no-active-mm",
	       .oracle = "page-table",
	       .provenance = "abee7c494d8c: text_poke() in lazy TLB mode; Fixes: cefa929c034e",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<textpoke_restores_lazy_mm> });

/// The CPU that runs __mmput() is not told: it is lazy on the mm, if that is exit's.
class local_cpu_not_left : public with_membarrier<no_active_mm, membarrier_repaired>
{
	std::uint32_t cpus_to_shoot(mm_ref mm) override
	{
		return no_active_mm::cpus_to_shoot(mm) & ~(1u << smp_processor_id());
	}
};
REGISTER_BUG(
	{ .id = "na-local-cpu-not-left",
	  .scheme = "no-active-mm",
	  .oracle = "page-table",
	  .provenance = "plausible: the sketch of 2018-07-19 looks at cpumask_any_but(self) only",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<local_cpu_not_left> });

/// loaded_mm says that the vCPU has left; its CR3 write still is in the batch.
class unpin_queued_cr3 : public with_membarrier<free_immediately, membarrier_repaired>
{
	bool refers_to(unsigned cpu, mm_ref mm) override
	{
		return smp_load_acquire(tlbstate(cpu).loaded_mm, "xen_drop_mm_ref: loaded_mm") ==
		       mm;
	}
};
REGISTER_BUG({ .id = "xen-unpin-queued-cr3",
	       .scheme = "free-immediately",
	       .oracle = "page-table",
	       .provenance = "plausible: the rule is that of xen_drop_mm_ref(), which looks at "
			     "xen_current_cr3",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<unpin_queued_cr3> });

/// no-active-mm's order where Xen's is needed: page tables are freed first, then CPUs leave. On an
/// architecture whose flush is a broadcast the order alone breaks nothing: the pgd's entries are
/// cleared and the walk caches flushed before the tables are freed (no-active-mm, --arch
/// broadcast). A hypervisor that does not unpin what a vCPU has loaded refuses.
class free_tables_before_shoot : public with_membarrier<free_immediately, membarrier_repaired>
{
	void before_exit_mmap(mm_ref) override {}
	void after_exit_mmap(mm_ref mm) override { free_immediately::before_exit_mmap(mm); }
};
REGISTER_BUG({ .id = "na-free-tables-before-shoot",
	       .scheme = "free-immediately",
	       .oracle = "page-table",
	       .provenance = "Andy Lutomirski, 2018-07-19: \"maybe Xen actually has the right "
			     "idea\", the order of xen_exit_mmap() and of __mmput()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<free_tables_before_shoot> });

/// The flush is a hypercall, and reaches a lazy CPU's TLB, but runs no code there.
class paravirt_flush_skips : public with_membarrier<mmput_shoot, membarrier_repaired>
{
	void flush_tlb_mm(mm_ref mm, std::uint32_t mask) override
	{
		for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++)
			if (mask >> cpu & 1)
				kernel::kernel().cpu_rq(cpu).tlb[mm.slot()] = 0;
		mmput_shoot::flush_tlb_mm(mm, 1u << smp_processor_id());
	}
};
REGISTER_BUG({ .id = "na-paravirt-flush-skips",
	       .scheme = "mmput-shoot",
	       .oracle = "page-table",
	       .provenance = "Andy Lutomirski, 2022-01, to Linus: paravirt flush, INVLPGB, arm64",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<paravirt_flush_skips> });

REGISTER_BUG(
	{ .id = "nl-drop-explicit-mb",
	  .scheme = "mmput-shoot",
	  .oracle = "membarrier-fence",
	  .provenance = "Nicholas Piggin, 2021-06-01, [PATCH v3 2/4]: without rq->prev_lazy_mm "
			"no barrier for membarrier",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = nullptr,
	  .weaken = "context_switch: (E) rq->curr before user accesses",
	  .ops = "membarrier" });

} // namespace
} // namespace lazymm::schemes
