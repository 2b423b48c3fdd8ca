// SPDX-License-Identifier: MIT
// powerpc: mm_cpumask says whether a flush has to be broadcast; it is trimmed by IPI, and a CPU
// that goes down is taken out of every mm's at once, lazy or not.
//
// From: Linux 6.12, 64s with the radix MMU: arch/powerpc/mm/mmu_context.c,
// mm/book3s64/radix_tlb.c (radix__flush_tlb_mm(), flush_type_needed(), exit_lazy_flush_tlb()),
// cleanup_cpu_mmu_context(). Differs: mm_cpumask stands for context.active_cpus, too; the trim
// clock never strikes; with MMU_LAZY_TLB_SHOOTDOWN the flush of exit_mmap() sends the IPIs of
// __mmdrop() early, here it does not.
#include "core/kernel/arch_powerpc.h"

#include "core/kernel/kernel.h"
#include "core/kernel/membarrier.h"

namespace lazymm::kernel
{

namespace
{
/// membarrier_arch_switch_mm(): the register orders nothing, so that (E) has to be said if anybody
/// asked for it.
void membarrier_arch_switch_mm(mm_ref next)
{
	if (atomic_read(next->membarrier_state) &
	    (membarrier_state::private_expedited | membarrier_state::global_expedited))
		smp_mb("membarrier_arch_switch_mm: (E) rq->curr before user accesses");
}
} // namespace

void ArchPowerpc::switch_mm_irqs_off(mm_ref, mm_ref next)
{
	std::uint32_t self = 1u << smp_processor_id();
	bool new_on_cpu = !(next == init_mm()) && !(READ_ONCE(next->mm_cpumask) & self);
	if (new_on_cpu)
		set_mm_cpumask(next, LAZYMM_SITE("switch_mm: mm_cpumask before translations", rmw));
	if (is_loaded(next))
		return;
	if (!new_on_cpu)
		membarrier_arch_switch_mm(next);
	if (!has_context(this_rq(), next))
		drop_context(this_rq(), next);
	load_pgd_relaxed(next);
}

/// The way back to user code is by rfid, which synchronises the context.
void ArchPowerpc::finish_arch_post_lock_switch()
{
	core_serialised();
}

/// On each CPU that a trim finds in mm_cpumask; interrupts off.
void ArchPowerpc::exit_lazy_flush_tlb(mm_ref mm)
{
	task_struct &tsk = current_task();
	// A kernel thread may have come to use it since mm_cpumask was read.
	if (!(READ_ONCE(tsk.mm) == mm)) {
		if (tsk.active_mm.load() == mm)
			kernel().scheme().exit_lazy_tlb();
		if (READ_ONCE(mm->mm_cpumask) >> smp_processor_id() & 1)
			clear_mm_cpumask(mm, smp_processor_id(),
					 LAZYMM_SITE("exit_lazy_flush_tlb: mm_cpumask", rmw));
	}
	drop_context(this_rq(), mm);
}

/// Preemption off.
void ArchPowerpc::flush(mm_ref mm, bool fullmm)
{
	std::uint32_t self = 1u << smp_processor_id();
	smp_mb("flush: (O8) pte before mm_cpumask");
	std::uint32_t mask = READ_ONCE(mm->mm_cpumask);
	if (!mask)
		return;
	bool local = mask == self;
	if (!local && !fullmm && READ_ONCE(mm->mm_users) <= 1 &&
	    READ_ONCE(current_task().mm) == mm) {
		smp_call_function_many(
			mask & ~self & cpu_online_mask(),
			[](void *arg) { exit_lazy_flush_tlb(*static_cast<mm_ref *>(arg)); }, &mm,
			"exit_lazy_flush_tlb");
		local = true;
	}
	if (!local) {
		tlbi(mm);
		return;
	}
	drop_context(this_rq(), mm);
	kernel().emit({ .kind = EventKind::tlb, .mm = mm, .value = 0 });
}

void ArchPowerpc::flush_tlb_mm(mm_ref mm)
{
	flush(mm, false);
}

void ArchPowerpc::flush_freed_tables(mm_ref mm)
{
	preempt_disable();
	flush(mm, true);
	preempt_enable();
}

/// cleanup_cpu_mmu_context(): tlbiel_all(), clear_tasks_mm_cpumask().
void ArchPowerpc::cpu_disable(unsigned cpu)
{
	Arch::cpu_starting(cpu);
	for (unsigned i = 0; i < kTasks; i++) {
		// A user task that is half made is on no list yet.
		if (i < kUserTasks ? !READ_ONCE(kernel().pid[i]) : !kernel().task(i).allocated)
			continue;
		if (mm_ref mm = READ_ONCE(kernel().task(i).mm))
			clear_mm_cpumask(mm, cpu, LAZYMM_SITE("cpu_disable: mm_cpumask", rmw));
	}
}

} // namespace lazymm::kernel
