// SPDX-License-Identifier: MIT
// The hardware that architectures (arch.h) drive: page tables that are walked whenever it likes, a
// TLB per CPU that keeps what it has seen; and who asks for a flush.
#include "core/kernel/arch.h"
#include "core/kernel/arch_broadcast.h"
#include "core/kernel/arch_deferred.h"
#include "core/kernel/arch_powerpc.h"
#include "core/kernel/arch_x86.h"
#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
constexpr unsigned kNoPage = 0;

std::uint32_t bit(unsigned n)
{
	return 1u << n;
}
} // namespace

Arches::Arches()
	: all_{ new ArchGeneric, new ArchX86, new ArchDeferred, new ArchBroadcast, new ArchPowerpc }
{
}

Arches::~Arches()
{
	for (Arch *arch : all_)
		delete arch;
}

// --- what architectures do with it ---

void Arch::drop_context(rq &rq, mm_ref mm)
{
	rq.tlb[mm.slot()] = kNoPage;
	rq.tlb_generation[mm.slot()] = mm.generation();
	rq.walk_cache &= ~bit(mm.slot());
}

bool Arch::is_loaded(mm_ref mm)
{
	mm_ref loaded = this_rq().loaded_mm.load();
	return loaded == mm && loaded.generation() == mm.generation();
}

void Arch::load_pgd(mm_ref mm)
{
	// x86: "Writing to CR3 provides that full memory barrier and core serializing
	// instruction", which membarrier leans on when the mm changes. When it does not, nothing
	// here orders anything: the barrier is the scheme's to supply.
	smp_mb("switch_mm: (E) CR3 write");
	core_serialised();
	load_pgd_relaxed(mm);
}

void Arch::load_pgd_relaxed(mm_ref mm)
{
	this_rq().loaded_mm.store(mm);
	kernel().emit({ .kind = EventKind::load_mm, .mm = mm });
}

void Arch::set_mm_cpumask(mm_ref mm, const machine::Site &site)
{
	detail::rmw(mm->mm_cpumask, RmwOp::bit_or, bit(smp_processor_id()), Order::full, &site);
}

void Arch::clear_mm_cpumask(mm_ref mm, unsigned cpu, const machine::Site &site)
{
	detail::rmw(mm->mm_cpumask, RmwOp::bit_and, ~bit(cpu), Order::full, &site);
}

std::uint32_t Arch::ptep_get_and_clear(mm_ref mm, std::uint32_t fresh)
{
	return detail::rmw(mm->pte, RmwOp::exchange, fresh, Order::full,
			   &LAZYMM_SITE("flush_tlb_mm: pte before mm_cpumask", rmw));
}

void Arch::cpu_starting(unsigned cpu)
{
	rq &rq = kernel().cpu_rq(cpu);
	for (std::uint32_t &page : rq.tlb)
		page = kNoPage;
	rq.walk_cache = 0;
}

// --- what the kernel asks of the architecture ---

void switch_mm_irqs_off(mm_ref prev, mm_ref next)
{
	kernel().arch().switch_mm_irqs_off(prev, next);
}

void Scheme::lazy_flush_loads_init_mm()
{
	switch_mm_irqs_off({}, init_mm());
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

void activate_mm(mm_ref prev, mm_ref next)
{
	if (kernel().arch().irqs_off_activate_mm()) {
		switch_mm_irqs_off(prev, next);
		finish_arch_post_lock_switch();
		return;
	}
	local_irq_enable();
	switch_mm(prev, next);
	finish_arch_post_lock_switch();
	local_irq_disable();
}

void enter_lazy_tlb(mm_ref mm, task_struct &task)
{
	kernel().arch().enter_lazy_tlb(mm, task);
}

void finish_arch_post_lock_switch()
{
	kernel().arch().finish_arch_post_lock_switch();
}

void core_serialised(const Where &where)
{
	if (kernel().patches) [[unlikely]]
		kernel().emit({ .kind = EventKind::core_serialised }, where);
}

// --- walks ---

namespace
{
/// The TLB, or the page table behind it, has the page: what a user's access gets.
void fill_tlb(rq &rq, mm_ref mm, std::uint32_t page)
{
	rq.tlb[mm.slot()] = page;
	rq.tlb_generation[mm.slot()] = mm.generation();
	rq.walk_cache |= bit(mm.slot());
	kernel().emit({ .kind = EventKind::tlb, .mm = mm, .value = 1 });
}

bool misses(const rq &rq, mm_ref mm)
{
	return rq.tlb_generation[mm.slot()] != mm.generation() || rq.tlb[mm.slot()] == kNoPage;
}

/// Ahead of anybody's need, the way that was gone before: no visible access, and hardware races
/// with nobody.
void speculate(rq &rq, mm_ref mm)
{
	if (mm == init_mm())
		return;
	// Without the pgd's entry, or a cached one, there is no way.
	const page &tables = mm.unchecked()->user_tables;
	if (tables.linked)
		rq.walk_cache |= bit(mm.slot());
	else if (tables.freed && (rq.walk_cache & bit(mm.slot())))
		kernel().emit({ .kind = EventKind::walk_freed, .mm = mm });
}
} // namespace

void mmu_walk()
{
	Kernel &k = kernel();
	// Hardware takes no interrupt between looking at its own register and the walk: a handler
	// that loads other page tables (a shootdown) ends what walks these.
	local_irq_disable();
	rq &rq = this_rq();
	mm_ref mm = rq.loaded_mm.load();
	if (!mm.valid() || mm.unchecked()->pgd.freed)
		k.emit({ .kind = EventKind::walk_freed, .mm = mm });
	mm_struct &m = *mm.unchecked();
	m.pgd.entry.load();
	if (k.tables.any())
		gup_fast();
	if (READ_ONCE(current_task().mm)) {
		if (misses(rq, mm)) {
			if (m.user_tables.freed)
				k.emit({ .kind = EventKind::walk_freed, .mm = mm });
			m.user_tables.entry.load();
			std::uint32_t page = READ_ONCE(m.pte);
			fill_tlb(rq, mm, k.arch().walks_are_coherent() ? m.pte.peek() : page);
		}
		if (k.page_freed[rq.tlb[mm.slot()]])
			k.emit({ .kind = EventKind::stale_tlb, .mm = mm });
	} else if (k.arch().speculates()) {
		speculate(rq, mm);
	}
	local_irq_enable();
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
	if (misses(rq, mm))
		fill_tlb(rq, mm, mm.unchecked()->pte.peek());
	else if (k.page_freed[rq.tlb[mm.slot()]])
		k.emit({ .kind = EventKind::stale_tlb, .mm = mm });
}

// --- who asks for a flush ---

void unmap_page()
{
	Kernel &k = kernel();
	mm_ref mm = READ_ONCE(current_task().mm);
	if (k.next_page + 1 == Kernel::kPages)
		return;
	std::uint32_t fresh = ++k.next_page;
	std::uint32_t page = k.arch().ptep_get_and_clear(mm, fresh);
	preempt_disable();
	k.arch().flush_tlb_mm(mm);
	k.page_freed[page] = true;
	preempt_enable();
}

void exit_mmap(mm_ref mm)
{
	// free_pgtables(), tlb_finish_mmu(): off the pgd, flushed, and only then back to the
	// allocator.
	mm.unchecked()->user_tables.linked = false;
	kernel().arch().flush_freed_tables(mm);
	kernel().emit({ .kind = EventKind::free_tables, .mm = mm });
	if (kernel().tables.any())
		free_pgtables(mm);
	mm->rss.store(0);
	mm->user_tables.entry.store(0);
	mm->user_tables.freed = true;
}

} // namespace lazymm::kernel
