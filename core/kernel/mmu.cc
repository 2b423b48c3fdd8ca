// SPDX-License-Identifier: MIT
// What the architecture does: an eager switch_mm() with address space numbers, a TLB that is
// flushed by IPI, and page tables that hardware walks whenever it likes. Differs from any one
// architecture; the handler's trust in active_mm is that of those of 38cf307c1f20.
#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
constexpr unsigned kNoPage = 0;

/// The mm's translations on this CPU go away (a new address space number at the next switch).
void drop_context(rq &rq, mm_ref mm)
{
	rq.tlb[mm.slot()] = kNoPage;
	rq.tlb_generation[mm.slot()] = mm.generation();
}

void local_flush(mm_ref mm)
{
	rq &rq = this_rq();
	mm_ref active = current_task().active_mm.load();
	mm_ref flushed = active == mm ? rq.loaded_mm.load() : mm;
	drop_context(rq, flushed);
	kernel().emit({ .kind = EventKind::tlb, .mm = flushed, .value = 0 });
}
} // namespace

void enter_lazy_tlb(mm_ref, task_struct &) {}

/// A CPU stays in mm_cpumask when it leaves: its translations stay too, and a flush must reach
/// them.
void switch_mm_irqs_off(mm_ref, mm_ref next)
{
	rq &rq = this_rq();
	mm_ref loaded = rq.loaded_mm.load();
	if (loaded == next && loaded.generation() == next.generation())
		return;
	std::uint32_t self = 1u << smp_processor_id();
	if (!(next == init_mm()) && !(READ_ONCE(next->mm_cpumask) & self))
		detail::rmw(next->mm_cpumask, RmwOp::bit_or, self, Order::full,
			    &LAZYMM_SITE("switch_mm: mm_cpumask before translations", rmw));
	if (rq.tlb_generation[next.slot()] != next.generation())
		drop_context(rq, next);
	// x86: "Writing to CR3 provides that full memory barrier and core serializing
	// instruction", which membarrier leans on when the mm changes. When it does not, nothing
	// here orders anything: the barrier is the scheme's to supply.
	smp_mb("switch_mm: (E) CR3 write");
	core_serialised();
	rq.loaded_mm.store(next);
	kernel().emit({ .kind = EventKind::load_mm, .mm = next });
}

void core_serialised(const Where &where)
{
	if (kernel().patches) [[unlikely]]
		kernel().emit({ .kind = EventKind::core_serialised }, where);
}

void switch_mm(mm_ref prev, mm_ref next)
{
	bool off = this_cpu().irqs_off;
	if (!off)
		local_irq_disable();
	switch_mm_irqs_off(prev, next);
	if (!off)
		local_irq_enable();
}

void mmu_walk()
{
	Kernel &k = kernel();
	// Hardware is not preempted between looking at its own register and the walk.
	preempt_disable();
	rq &rq = this_rq();
	mm_ref mm = rq.loaded_mm.load();
	if (!mm.valid() || mm.unchecked()->pgd.freed)
		k.emit({ .kind = EventKind::walk_freed, .mm = mm });
	mm_struct &m = *mm.unchecked();
	m.pgd.entry.load();
	if (k.tables.any())
		gup_fast();
	if (READ_ONCE(current_task().mm)) {
		unsigned slot = mm.slot();
		if (rq.tlb_generation[slot] != mm.generation() || rq.tlb[slot] == kNoPage) {
			if (m.user_tables.freed)
				k.emit({ .kind = EventKind::walk_freed, .mm = mm });
			m.user_tables.entry.load();
			rq.tlb[slot] = READ_ONCE(m.pte);
			rq.tlb_generation[slot] = mm.generation();
			k.emit({ .kind = EventKind::tlb, .mm = mm, .value = 1 });
		}
		if (k.page_freed[rq.tlb[slot]])
			k.emit({ .kind = EventKind::stale_tlb, .mm = mm });
	}
	preempt_enable();
}

/// What is no kernel code: no visible access, and hardware races with nobody.
void user_accesses_memory()
{
	Kernel &k = kernel();
	rq &rq = this_rq();
	if (!current_task().mm.here())
		return;
	mm_ref mm = rq.loaded_mm.peek();
	if (!mm.valid() || mm.unchecked()->user_tables.freed)
		k.emit({ .kind = EventKind::walk_freed, .mm = mm });
	unsigned slot = mm.slot();
	if (rq.tlb_generation[slot] != mm.generation() || rq.tlb[slot] == kNoPage) {
		rq.tlb[slot] = mm.unchecked()->pte.peek();
		rq.tlb_generation[slot] = mm.generation();
		k.emit({ .kind = EventKind::tlb, .mm = mm, .value = 1 });
	} else if (k.page_freed[rq.tlb[slot]]) {
		k.emit({ .kind = EventKind::stale_tlb, .mm = mm });
	}
}

void unmap_page()
{
	Kernel &k = kernel();
	mm_ref mm = READ_ONCE(current_task().mm);
	if (k.next_page + 1 == Kernel::kPages)
		return;
	std::uint32_t fresh = ++k.next_page;
	std::uint32_t page = detail::rmw(mm->pte, RmwOp::exchange, fresh, Order::full,
					 &LAZYMM_SITE("flush_tlb_mm: pte before mm_cpumask", rmw));
	preempt_disable();
	std::uint32_t self = 1u << smp_processor_id();
	std::uint32_t mask = READ_ONCE(mm->mm_cpumask) & ~self & cpu_online_mask();
	local_irq_disable();
	local_flush(mm);
	local_irq_enable();
	if (mask)
		smp_call_function_many(
			mask, [](void *arg) { local_flush(*static_cast<mm_ref *>(arg)); }, &mm,
			"flush TLB");
	k.page_freed[page] = true;
	preempt_enable();
}

void flush_tlb_all()
{
	for (std::uint32_t &page : this_rq().tlb)
		page = kNoPage;
}

void exit_mmap(mm_ref mm)
{
	kernel().emit({ .kind = EventKind::free_tables, .mm = mm });
	if (kernel().tables.any())
		free_pgtables(mm);
	mm->rss.store(0);
	mm->user_tables.entry.store(0);
	mm->user_tables.freed = true;
}

} // namespace lazymm::kernel
