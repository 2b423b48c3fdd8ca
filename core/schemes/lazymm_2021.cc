// SPDX-License-Identifier: MIT
// lazymm-2021: LAZY_MM as posted, with the places that its author had not converted left as they
// were.
//
// From: Andy Lutomirski, 2021-06-16, ecc3992c36cb, "Not even boot tested!", rebased by Peter
// Zijlstra; rcutorture's answer of 2021-06-17: WARNING at kernel/fork.c:686 __mmdrop <- finish_cpu,
// "Bad rss-counter state", "non-zero pgtables_bytes". On Linux 5.13.
//
// Per CPU: lazy_mm (hazard pointer), drop_mm (mailbox).
//
// Broken as posted:
//   - finish_cpu() (H1) still drops idle->active_mm, a reference that was never counted;
//   - exec_mmap() and kthread_use_mm() still drop active_mm, and leave lazy_mm set;
//   - exit_mm() still grabs, and nobody drops;
//   - membarrier's barrier and core sync went with mmdrop() from finish_task_switch();
//   - the thief in mm_unlazy_mm_count() believes a lazy_mm that it read before it knew whom it
//   robs.
#include "core/schemes/lazymm_2021.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

// --- user -> kernel ---

void lazymm_2021::user_to_kernel(rq &, task_struct &prev, task_struct &next)
{
	lazymm_rq &rq = this_rq();
	mm_ref mm = prev.active_mm.load();
	next.active_mm.store(mm);
	WARN_ON(bool(READ_ONCE(rq.lazy_mm)), "context_switch: rq->lazy_mm is set");
	publish(rq, mm);
}

// kernel -> kernel: the hazard pointer stays with the CPU.

// --- kernel -> user ---

void lazymm_2021::kernel_to_user(rq &, task_struct &prev, task_struct &next)
{
	switch_mm_irqs_off(prev.active_mm.load(), READ_ONCE(next.mm));
	prev.active_mm.store(nullptr);
	retract(this_rq());
}

// --- finish ---

/// On every switch: a remote CPU may have seen lazy_mm set and posted while we were switching.
void lazymm_2021::finish_lazy(rq &, mm_ref)
{
	mmdrop_lazy(this_rq());
}

void lazymm_2021::mmdrop_lazy(lazymm_rq &rq)
{
	if (!READ_ONCE(rq.drop_mm))
		return;
	if (mm_ref old = xchg(rq.drop_mm, nullptr, "mmdrop_lazy: drop_mm"))
		mmdrop(old, Holder::mailbox, rq.owner.number);
}

// --- last user gone ---

void lazymm_2021::after_exit_mmap(mm_ref mm)
{
	mm_unlazy_mm_count(mm);
}

/// Turns every lazy_mm that names mm into an mm_count reference in that CPU's mailbox. mm_users is
/// zero, so no CPU becomes lazy on mm any more; the caller holds a reference.
void lazymm_2021::mm_unlazy_mm_count(mm_ref mm)
{
	int drop_count = this_machine().cpus();
	WARN_ON(atomic_read(mm->mm_users) != 0, "mm_unlazy_mm_count: mm_users != 0");
	mmgrab(mm, drop_count, Holder::unlazy);
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++) {
		if (!READ_ONCE(kernel::kernel().hotplug[cpu].online))
			continue;
		lazymm_rq &rq = cpu_rq(cpu);
		if (!(smp_load_acquire(rq.lazy_mm, "unlazy: (O6) lazy_mm") == mm))
			continue;
		drop_count--; // the CPU will drop it
		mm_ref old = xchg(rq.drop_mm, mm, "unlazy: drop_mm");
		WARN_ON(old == mm, "mm_unlazy_mm_count: posted twice");
		// "We just stole an mm reference from the target CPU": its lazy_mm was mm, so it is
		// done with old. Not so: lazy_mm was read before.
		if (old)
			mmdrop(old, Holder::mailbox, cpu);
	}
	mmsub(mm, drop_count, Holder::unlazy);
}

// --- not converted: 5.13's ---

/// exit_mm()
void lazymm_2021::mmgrab_lazy_tlb(mm_ref mm)
{
	mmgrab(mm, Holder::lazy, smp_processor_id());
}

/// exec_mmap(), finish_cpu()
void lazymm_2021::mmdrop_lazy_tlb(mm_ref mm, unsigned cpu, const Where &where)
{
	mmdrop(mm, Holder::lazy, cpu, where);
}

void lazymm_2021::kthread_use_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	spin_lock(tsk.alloc_lock);
	local_irq_disable();
	mm_ref active_mm = tsk.active_mm.load();
	if (!(active_mm == mm)) {
		mmgrab(mm, Holder::use_mm, tsk.slot);
		tsk.active_mm.store(mm);
	}
	WRITE_ONCE(tsk.mm, mm);
	membarrier().update_current_mm(mm);
	switch_mm_irqs_off(active_mm, mm);
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
	finish_arch_post_lock_switch();
	if (!(active_mm == mm))
		mmdrop(active_mm, Holder::lazy, smp_processor_id());
	else
		smp_mb("kthread_use_mm: (E1) ->mm before user accesses");
}

void lazymm_2021::kthread_unuse_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	spin_lock(tsk.alloc_lock);
	smp_mb__after_spinlock("kthread_unuse_mm: (D1) user accesses before ->mm");
	local_irq_disable();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	enter_lazy_tlb(mm, tsk); // active_mm still is mm; the use's reference becomes the lazy one
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
}

REGISTER_SCHEME({
	.name = "lazymm-2021",
	.from = "Andy Lutomirski, 2021-06-16, ecc3992c36cb",
	.summary = "hazard pointer and mailbox per CPU, as posted: hotplug, exec, use_mm, exit_mm "
		   "not converted",
	.expect = Expect::broken,
	.make = make<lazymm_2021>,
	.witness = "LMM1:lazymm-2021:ACG9",
});

} // namespace lazymm::schemes
