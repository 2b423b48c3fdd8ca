// SPDX-License-Identifier: MIT
// hazptr: a hazard pointer per CPU says on which mm the CPU is lazy; who frees the mm scans them,
// and makes the CPUs that it finds leave.
//
// From: Mathieu Desnoyers, 2024-10-08, [RFC PATCH v3 4/4] "sched+mm: Use hazard pointers to track
// lazy active mm existence"; not merged. As posted: kernel/cpu.c, exec_mmap() and kthread_use_mm()
// are not touched and call the helpers where they always did, hot-unplug is 6.11's (H1).
//
// Per CPU: a slot, written by its CPU only. It stays where it is from kernel to kernel.
//
//   mm_count = [mm_users > 0] + explicit pins
//
// Ordering: the slot's store needs no barrier to be seen by the scan. The CPU has a reference when
// it stores (mm_users of the task that is switched out); that the task gives up elsewhere, behind
// on_cpu, and mm_count falls to zero after it (O3, O4). The smp_mb() before slot = NULL keeps the
// last use of the page tables before it (O5), and is membarrier's (O1).
//
// What is wrong with it:
//   - exec_mmap() and kthread_use_mm() drop with preemption on: until then the slot is taken, and a
//     switch away protects nothing; a task that moved meanwhile clears another CPU's slot;
//   - finish_cpu() clears the slot of the control CPU, which may be lazy itself; the dead one's
//   stays;
//   - the scan goes on behind a callback that had nothing to do, whatever the slot says.
// hazptr-repaired has repairs.
#include "core/schemes/hazptr.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

// --- references ---

void hazptr::mmgrab_lazy_tlb(mm_ref mm)
{
	smp_mb("mmgrab_lazy_tlb: for membarrier");
	WARN_ON(!sched_lazy_mm_.try_protect(mm), "mmgrab_lazy_tlb: the slot is taken");
}

void hazptr::mmdrop_lazy_tlb(mm_ref, unsigned, const Where &)
{
	smp_mb("mmdrop_lazy_tlb: (E) before user accesses, (O5) last use before NULL");
	sched_lazy_mm_.this_cpu_clear();
}

// --- exit: the slot is taken with interrupts off, together with ->mm ---

void hazptr::exit_mm()
{
	task_struct &tsk = current_task();
	mm_ref mm = READ_ONCE(tsk.mm);
	if (!mm)
		return;
	BUG_ON(!(mm == tsk.active_mm.load()), "exit_mm: mm != current->active_mm");
	spin_lock(tsk.alloc_lock);
	smp_mb__after_spinlock("exit_mm: (D1) user accesses before ->mm");
	local_irq_disable();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	mmgrab_lazy_tlb(mm);
	enter_lazy_tlb(mm, tsk);
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
	mmput(mm);
}

// --- last reference gone ---

void hazptr::cleanup_lazy_tlbs(mm_ref mm)
{
	sched_lazy_mm_.scan(mm, [&](unsigned cpu) { remove_lazy_mm_hp(cpu, mm); });
}

void hazptr::remove_lazy_mm_hp(unsigned cpu, mm_ref mm)
{
	struct Call {
		hazptr *scheme;
		mm_ref mm;
	} call{ this, mm };
	auto do_shoot = [](void *arg) {
		auto *c = static_cast<Call *>(arg);
		c->scheme->do_shoot_lazy_tlb(c->mm);
	};
	auto do_check = [](void *arg) {
		WARN_ON(current_task().active_mm.load() == static_cast<Call *>(arg)->mm,
			"do_check_lazy_tlb: mm == current->active_mm");
	};
	// smp_call_function_single(): -ENXIO if the CPU is down.
	preempt_disable();
	if (READ_ONCE(kernel::kernel().hotplug[cpu].online)) {
		on_each_cpu_mask(1u << cpu, do_shoot, &call, "shoot lazy TLB");
		on_each_cpu_mask(1u << cpu, do_check, &call, "check lazy TLB");
	}
	preempt_enable();
}

void hazptr::do_shoot_lazy_tlb(mm_ref mm)
{
	task_struct &tsk = current_task();
	if (!(tsk.active_mm.load() == mm))
		return;
	WARN_ON(bool(READ_ONCE(tsk.mm)), "do_shoot_lazy_tlb: current->mm");
	tsk.active_mm.store(init_mm());
	switch_mm(mm, init_mm());
	sched_lazy_mm_.this_cpu_clear();
}

REGISTER_SCHEME({
	.name = "hazptr",
	.from = "Mathieu Desnoyers, 2024-10-08, [RFC PATCH v3 4/4] sched+mm: Use hazard pointers",
	.summary = "a hazard pointer per CPU, __mmdrop() scans and shoots; as posted, with H1",
	.expect = Expect::broken,
	.make = make<with_membarrier<hazptr, membarrier_repaired>>,
	.witness = "LMM1:hazptr:YBgo7AUg",
});

} // namespace lazymm::schemes
