// SPDX-License-Identifier: MIT
// generic: an eager switch_mm() with address space numbers, a TLB that is flushed by IPI to
// mm_cpumask, where a CPU stays when it leaves: its translations stay too, and a flush must reach
// them. Differs from any one architecture; the handler's trust in active_mm is that of those of
// 38cf307c1f20. Nothing is flushed when page tables are freed: nobody runs in the mm any more, and
// a lazy CPU walks no user page tables here.
#include "core/kernel/arch_generic.h"

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
void local_flush(mm_ref mm)
{
	rq &rq = this_rq();
	mm_ref active = current_task().active_mm.load();
	mm_ref flushed = active == mm ? rq.loaded_mm.load() : mm;
	Arch::drop_context(rq, flushed);
	kernel().emit({ .kind = EventKind::tlb, .mm = flushed, .value = 0 });
}

struct Flush {
	mm_ref mm;
	void (*here)(mm_ref);
};

void flush_ipi(void *arg)
{
	const Flush &flush = *static_cast<Flush *>(arg);
	flush.here(flush.mm);
}
} // namespace

void ArchGeneric::switch_mm_irqs_off(mm_ref, mm_ref next)
{
	if (is_loaded(next))
		return;
	std::uint32_t self = 1u << smp_processor_id();
	if (!(next == init_mm()) && !(READ_ONCE(next->mm_cpumask) & self))
		set_mm_cpumask(next, LAZYMM_SITE("switch_mm: mm_cpumask before translations", rmw));
	if (!has_context(this_rq(), next))
		drop_context(this_rq(), next);
	load_pgd(next);
}

void ArchGeneric::flush_by_ipi(mm_ref mm, void (*here)(mm_ref))
{
	Flush flush{ mm, here };
	std::uint32_t self = 1u << smp_processor_id();
	std::uint32_t mask = READ_ONCE(mm->mm_cpumask) & ~self & cpu_online_mask();
	local_irq_disable();
	here(mm);
	local_irq_enable();
	if (mask)
		smp_call_function_many(mask, flush_ipi, &flush, "flush TLB");
}

void ArchGeneric::flush_tlb_mm(mm_ref mm)
{
	flush_by_ipi(mm, local_flush);
}

} // namespace lazymm::kernel
