// SPDX-License-Identifier: MIT
// x86: who is lazy is left alone by flushes, and catches up by tlb_gen when it is lazy no more.
// After arch/x86/mm/tlb.c, Linux 6.12: switch_mm_irqs_off(), enter_lazy_tlb(), flush_tlb_func(),
// should_flush_tlb(), flush_tlb_mm_range().
//
// Per CPU: cpu_tlbstate (loaded_mm, is_lazy, ctxs[].tlb_gen); per mm: tlb_gen, mm_cpumask, which a
// CPU leaves when it switches away.
//
// A flush that freed page tables goes to lazy CPUs too, and takes them to init_mm: behind the
// scheduler's back, current->active_mm stays. Then the CPU is in mm_cpumask no more either.
//
// Ordering (O8), store buffering on both sides:
//
//	unmap, flush				switch, unlazy
//	pte; tlb_gen++ (LOCK)			is_lazy = false; smp_mb(); read tlb_gen
//	read mm_cpumask, loaded_mm, is_lazy	loaded_mm = SWITCHING; mm_cpumask (LOCK);
//						read tlb_gen; CR3
//
// Loads are acquires and stores releases, as x86's are: so that it is itself under `weak` too.
// Differs: as many address space numbers as there are mms; no partial flushes; nobody trims
// mm_cpumask.
#include "core/kernel/arch_x86.h"

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

ArchX86::ArchX86()
{
	for (unsigned i = 0; i < kMaxCpus; i++)
		states_[i].owner.number = i;
}

tlb_state &ArchX86::this_tlbstate()
{
	return states_[smp_processor_id()];
}

void ArchX86::reset(Kernel &kernel)
{
	for (unsigned i = 0; i < kernel.config().cpus; i++) {
		tlb_state &state = states_[i];
		mm_ref mm = kernel.cpu_rq(i).loaded_mm.peek();
		state.loaded_mm.init(mm);
		state.is_lazy.init(0);
		drop_context(kernel.cpu_rq(i), mm);
		state.tlb_gen[mm.slot()] = mm.unchecked()->tlb_gen.peek();
	}
}

void ArchX86::cpu_starting(unsigned cpu)
{
	Arch::cpu_starting(cpu);
	// initialize_tlbstate_and_flush()
	for (std::uint32_t &gen : states_[cpu].tlb_gen)
		gen = 0;
	mm_ref mm = states_[cpu].loaded_mm.peek();
	WARN_ON(!(mm == init_mm()), "initialize_tlbstate_and_flush: CR3 is not init_mm's");
}

// --- switch ---

void ArchX86::change_mm_cpumask(mm_ref prev, mm_ref next)
{
	if (!(prev == init_mm()))
		clear_mm_cpumask(prev, smp_processor_id(),
				 LAZYMM_SITE("x86 switch_mm: leave mm_cpumask", rmw));
	if (!(next == init_mm()))
		set_mm_cpumask(next,
			       LAZYMM_SITE("x86 switch_mm: (O8) mm_cpumask before tlb_gen", rmw));
}

void ArchX86::switch_mm_irqs_off(mm_ref, mm_ref next)
{
	tlb_state &state = this_tlbstate();
	mm_ref prev = READ_ONCE(state.loaded_mm);
	bool was_lazy = READ_ONCE(state.is_lazy);
	WARN_ON(!this_cpu().irqs_off, "switch_mm_irqs_off: interrupts are on");
	if (was_lazy)
		smp_store_release(state.is_lazy, 0, "x86 switch_mm: not lazy");
	std::uint32_t next_tlb_gen, &my_tlb_gen = state.tlb_gen[next.slot()];
	if (prev == next) {
		if (!was_lazy)
			return;
		smp_mb("x86 switch_mm: (O8) is_lazy before tlb_gen");
		next_tlb_gen = smp_load_acquire(next->tlb_gen, "x86 switch_mm: tlb_gen");
		if (my_tlb_gen == next_tlb_gen)
			return;
	} else {
		smp_store_release(state.loaded_mm, switching, "x86 switch_mm: SWITCHING");
		change_mm_cpumask(prev, next);
		next_tlb_gen = smp_load_acquire(next->tlb_gen, "x86 switch_mm: tlb_gen");
	}
	// choose_new_asid()
	if (!has_context(this_rq(), next) || my_tlb_gen != next_tlb_gen) {
		drop_context(this_rq(), next);
		my_tlb_gen = next_tlb_gen;
	}
	load_pgd(next);
	smp_store_release(state.loaded_mm, next, "x86 switch_mm: CR3 before loaded_mm");
}

void ArchX86::enter_lazy_tlb(mm_ref, task_struct &)
{
	tlb_state &state = this_tlbstate();
	if (READ_ONCE(state.loaded_mm) == init_mm())
		return;
	smp_store_release(state.is_lazy, 1, "x86 enter_lazy_tlb: lazy");
}

// --- flush ---

std::uint32_t ArchX86::inc_mm_tlb_gen(mm_ref mm)
{
	return 1 +
	       detail::rmw(mm->tlb_gen, RmwOp::add, 1, Order::full,
			   &LAZYMM_SITE("x86 flush: (O8) pte and tlb_gen before mm_cpumask", rmw));
}

bool ArchX86::should_flush_tlb(unsigned cpu, mm_ref mm)
{
	tlb_state &state = cpu_tlbstate(cpu);
	mm_ref loaded = READ_ONCE(state.loaded_mm);
	smp_rmb("x86 should_flush_tlb: loaded_mm before is_lazy");
	// "Lazy TLB will get flushed at the next context switch."
	if (READ_ONCE(state.is_lazy))
		return false;
	return loaded == switching || loaded == mm;
}

/// Interrupts off.
void ArchX86::flush_tlb_func(const flush_tlb_info &info)
{
	tlb_state &state = this_tlbstate();
	mm_ref loaded = READ_ONCE(state.loaded_mm);
	if (smp_processor_id() != info.initiating_cpu && !(loaded == info.mm)) {
		flush_passes_by(info.mm);
		return;
	}
	if (loaded == init_mm())
		return;
	if (READ_ONCE(state.is_lazy)) {
		// Paging-structure caches at least would have to go: leaving is as cheap.
		kernel().scheme().lazy_flush_loads_init_mm();
		return;
	}
	std::uint32_t &my_tlb_gen = state.tlb_gen[loaded.slot()];
	if (info.new_tlb_gen <= my_tlb_gen)
		return;
	std::uint32_t mm_tlb_gen = smp_load_acquire(loaded->tlb_gen, "x86 flush: tlb_gen");
	if (my_tlb_gen == mm_tlb_gen)
		return;
	drop_context(this_rq(), loaded);
	my_tlb_gen = mm_tlb_gen;
	kernel().emit({ .kind = EventKind::tlb, .mm = loaded, .value = 0 });
}

void ArchX86::flush_ipi(void *info)
{
	static_cast<ArchX86 &>(kernel().arch())
		.flush_tlb_func(*static_cast<const flush_tlb_info *>(info));
}

/// Preemption off.
void ArchX86::flush(mm_ref mm, bool freed_tables)
{
	std::uint32_t self = 1u << smp_processor_id();
	flush_tlb_info info{ mm, inc_mm_tlb_gen(mm), smp_processor_id() };
	std::uint32_t mask = READ_ONCE(mm->mm_cpumask);
	if (mask & ~self) {
		mask &= cpu_online_mask();
		for (unsigned i = 0; i < kernel().config().cpus; i++)
			if (!freed_tables && (mask >> i & 1) && !should_flush_tlb(i, mm))
				mask &= ~(1u << i);
		on_each_cpu_mask(mask, flush_ipi, &info, "flush TLB");
	} else if (READ_ONCE(this_tlbstate().loaded_mm) == mm) {
		local_irq_disable();
		flush_tlb_func(info);
		local_irq_enable();
	}
}

void ArchX86::flush_tlb_mm(mm_ref mm)
{
	flush(mm, false);
}

void ArchX86::flush_freed_tables(mm_ref mm)
{
	preempt_disable();
	flush(mm, true);
	preempt_enable();
}

} // namespace lazymm::kernel
