// SPDX-License-Identifier: MIT
// hazptr-repaired: hazptr with the smallest repairs of what is wrong with it.
//
// From: hazptr.cc, of which it is the sound twin; the repairs are lazymm's. Hot-unplug is 6.14's
// (H3), with an order that suits a slot.
//
//   - exec_mmap() and kthread_use_mm() clear the slot in the section with interrupts off in which
//     the CPU stops being lazy: it is this CPU's, and free for the next switch;
//   - sched_force_init_mm() and exit_lazy_tlb() (powerpc) clear the slot and take none for init_mm,
//     which is never freed; finish_cpu() has nothing to drop;
//   - wherever a slot is cleared, the callback's included, the hardware has left the mm: behind
//     finish_arch_post_lock_switch(), where an architecture switches there; the callback's is a
//     release;
//   - the scan waits behind the callback until the slot names another mm: a CPU that has left the
//     mm and not yet cleared its slot does it soon, one that has not left is waited for.
#include "core/schemes/hazptr_repaired.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

// --- current changes its mm ---

void hazptr_repaired::exec_mmap(mm_ref mm)
{
	task_struct &tsk = current_task();
	mm_ref old_mm = READ_ONCE(tsk.mm);
	spin_lock(tsk.alloc_lock);
	membarrier().exec_mmap(mm);
	local_irq_disable();
	mm_ref active_mm = tsk.active_mm.load();
	tsk.active_mm.store(mm);
	WRITE_ONCE(tsk.mm, mm);
	switch_mm_irqs_off(active_mm, mm); // activate_mm()
	finish_arch_post_lock_switch();
	if (!old_mm)
		mmdrop_lazy_tlb(active_mm, smp_processor_id());
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
	if (old_mm)
		mmput(old_mm);
}

void hazptr_repaired::kthread_use_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	mmgrab(mm, Holder::use_mm, tsk.slot);
	spin_lock(tsk.alloc_lock);
	local_irq_disable();
	mm_ref active_mm = tsk.active_mm.load();
	tsk.active_mm.store(mm);
	WRITE_ONCE(tsk.mm, mm);
	membarrier().update_current_mm(mm);
	switch_mm_irqs_off(active_mm, mm);
	finish_arch_post_lock_switch();
	mmdrop_lazy_tlb(active_mm, smp_processor_id()); // (E1)
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
}

// --- an IPI makes the CPU leave ---

void hazptr_repaired::exit_lazy_tlb()
{
	task_struct &me = current_task();
	mm_ref mm = me.active_mm.load();
	me.active_mm.store(init_mm());
	switch_mm_irqs_off(mm, init_mm());
	finish_arch_post_lock_switch();
	mmdrop_lazy_tlb(mm, smp_processor_id());
}

// --- last reference gone ---

void hazptr_repaired::do_shoot_lazy_tlb(mm_ref mm)
{
	task_struct &tsk = current_task();
	if (!(tsk.active_mm.load() == mm))
		return;
	WARN_ON(bool(READ_ONCE(tsk.mm)), "do_shoot_lazy_tlb: current->mm");
	tsk.active_mm.store(init_mm());
	switch_mm(mm, init_mm());
	finish_arch_post_lock_switch();
	// (O5), where nobody waits for this handler, and no switch of the hardware is a barrier.
	sched_lazy_mm_.retire();
}

void hazptr_repaired::remove_lazy_mm_hp(unsigned cpu, mm_ref mm)
{
	hazptr::remove_lazy_mm_hp(cpu, mm);
	sched_lazy_mm_.wait(cpu, mm);
}

// --- CPU going down ---

void hazptr_repaired::sched_force_init_mm()
{
	task_struct &me = current_task();
	local_irq_disable();
	mm_ref mm = me.active_mm.load();
	if (!(mm == init_mm())) {
		me.active_mm.store(init_mm());
		switch_mm_irqs_off(mm, init_mm());
		finish_arch_post_lock_switch();
		mmdrop_lazy_tlb(mm, smp_processor_id());
	}
	local_irq_enable();
}

void hazptr_repaired::finish_cpu(unsigned cpu)
{
	WARN_ON(!(kernel::kernel().cpu_rq(cpu).idle->active_mm.load() == init_mm()),
		"finish_cpu: idle->active_mm != &init_mm");
}

REGISTER_SCHEME({
	.name = "hazptr-repaired",
	.from = "hazptr v3 with lazymm's repairs; hot-unplug 21641bd9a7a7 (H3)",
	.summary = "hazptr: slots cleared with interrupts off, the scan waits behind its callback",
	.expect = Expect::sound,
	.make = make<with_membarrier<hazptr_repaired, membarrier_repaired>>,
});

} // namespace lazymm::schemes
