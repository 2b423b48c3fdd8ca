// SPDX-License-Identifier: MIT
// lazymm-2022-posted: LAZY_MM, repaired by its author, with hot-unplug protocol H3.
// lazymm-2022: the same without the ABA that is left in it.
//
// From: Andy Lutomirski, 2022-01-08, [PATCH 16/23] 7c9c388c388d with 12/23, 14/23, 15/23; not
// merged. Its own hot-unplug (H2, in the idle loop) is replaced by H3, 6.14's
// sched_force_init_mm().
//
// Per CPU: lazy_mm (hazard pointer), drop_mm (mailbox).
//
// Every change of ->mm goes through change_current_mm() or change_current_mm_to_kernel(), which
// keep lazy_mm. A CPU drops what is in its mailbox only if it is not lazy on it; a thief looks at
// lazy_mm after it knows whom it robs.
//
// The ABA: a thief that has looked is slow to exchange. The CPU drops what it was to be robbed of,
// that mm is freed, another one gets its address, is used lazily and posted there: the thief's
// cmpxchg() takes the last reference of what the CPU is lazy on.
#include "core/schemes/lazymm_2022.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

// --- user -> kernel ---

void lazymm_2022::user_to_kernel(rq &, task_struct &prev, task_struct &next)
{
	lazymm_rq &rq = this_rq();
	mm_ref mm = prev.active_mm.load();
	next.active_mm.store(mm);
	WARN_ON(bool(READ_ONCE(rq.lazy_mm)), "context_switch: rq->lazy_mm is set");
	publish(rq, mm);
}

// kernel -> kernel: the hazard pointer stays with the CPU.

// --- kernel -> user ---

void lazymm_2022::kernel_to_user(rq &, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	mm_ref next_mm = READ_ONCE(next.mm);
	switch_mm_irqs_off(mm, next_mm);
	// "x86/mm: Handle unlazying membarrier core sync in the arch code"
	if (mm == next_mm)
		unlazy_core_sync(next_mm);
	membarrier_finish_switch_mm(next_mm);
	prev.active_mm.store(nullptr);
	retract(this_rq());
}

void lazymm_2022::user_to_user(rq &, task_struct &prev, task_struct &next)
{
	mm_ref next_mm = READ_ONCE(next.mm);
	switch_mm_irqs_off(prev.active_mm.load(), next_mm);
	membarrier_finish_switch_mm(next_mm);
}

void lazymm_2022::unlazy_core_sync(mm_ref mm)
{
	if (atomic_read(mm->membarrier_state) & membarrier_state::sync_core)
		core_serialised();
}

/// "membarrier: Make the post-switch-mm barrier explicit": no mmdrop() to lean on.
void lazymm_2022::membarrier_finish_switch_mm(mm_ref mm)
{
	if (atomic_read(mm->membarrier_state))
		smp_mb("membarrier_finish_switch_mm: (E) rq->curr and ->mm before user accesses");
}

// --- finish ---

void lazymm_2022::finish_lazy(rq &, mm_ref)
{
	mmdrop_lazy(this_rq());
}

void lazymm_2022::mmdrop_lazy(lazymm_rq &rq)
{
	mm_ref old = READ_ONCE(rq.drop_mm);
	for (;;) {
		if (!old || old == READ_ONCE(rq.lazy_mm))
			return;
		mm_ref seen = cmpxchg_relaxed(rq.drop_mm, old, nullptr);
		if (seen == old)
			break;
		old = seen;
	}
	mmdrop(old, Holder::mailbox, rq.owner.number);
}

// --- current changes its mm ---

void lazymm_2022::change_current_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	spin_lock(tsk.alloc_lock);
	smp_mb__after_spinlock("change_current_mm: (D1') user accesses before ->mm");
	local_irq_disable();
	bool was_kernel = !READ_ONCE(tsk.mm);
	mm_ref old_active_mm = tsk.active_mm.load();
	tsk.active_mm.store(mm);
	WRITE_ONCE(tsk.mm, mm);
	membarrier().update_current_mm(mm);
	switch_mm_irqs_off(old_active_mm, mm);
	membarrier_finish_switch_mm(mm);
	local_irq_enable();
	// Preemption still is off: alloc_lock.
	if (was_kernel)
		retract(this_rq());
	spin_unlock(tsk.alloc_lock);
	finish_arch_post_lock_switch();
}

void lazymm_2022::change_current_mm_to_kernel()
{
	task_struct &tsk = current_task();
	mm_ref old_mm = READ_ONCE(tsk.mm);
	spin_lock(tsk.alloc_lock);
	smp_mb__after_spinlock("change_current_mm_to_kernel: (D1) user accesses before ->mm");
	WARN_ON(!(tsk.active_mm.load() == old_mm), "change_current_mm_to_kernel: active_mm != mm");
	local_irq_disable();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	publish(this_rq(), old_mm); // active_mm still is old_mm
	enter_lazy_tlb(old_mm, tsk);
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
}

void lazymm_2022::exec_mmap(mm_ref mm)
{
	mm_ref old_mm = READ_ONCE(current_task().mm);
	change_current_mm(mm);
	if (old_mm)
		mmput(old_mm);
}

void lazymm_2022::exit_mm()
{
	mm_ref mm = READ_ONCE(current_task().mm);
	if (!mm)
		return;
	change_current_mm_to_kernel();
	mmput(mm);
}

// The caller's mm_users reference keeps mm while it is used; there is no other.
void lazymm_2022::kthread_use_mm(mm_ref mm)
{
	change_current_mm(mm);
}

void lazymm_2022::kthread_unuse_mm(mm_ref)
{
	change_current_mm_to_kernel();
}

// --- last user gone ---

void lazymm_2022::after_exit_mmap(mm_ref mm)
{
	mm_unlazy_mm_count(mm);
}

/// One CPU, one try. False: somebody else was faster, look again.
bool lazymm_2022::try_mm_drop_rq_ref(lazymm_rq &rq, mm_ref mm)
{
	mm_ref old = smp_load_acquire(rq.drop_mm, "unlazy: drop_mm");
	WARN_ON(old == mm, "try_mm_drop_rq_ref: posted twice");
	if (!old)
		return !cmpxchg(rq.drop_mm, nullptr, mm, "unlazy: post");
	// old->mm_users is 0, or old would not be there: the CPU cannot become lazy on it any more,
	// so a lazy_mm that is read now says whether it still is.
	if (!(smp_load_acquire(rq.lazy_mm, "unlazy: (O6) lazy_mm again") == mm)) {
		mmdrop(mm, Holder::unlazy, -1);
		return true;
	}
	if (!(cmpxchg(rq.drop_mm, old, mm, "unlazy: steal") == old))
		return false;
	mmdrop(old, Holder::mailbox, rq.owner.number);
	return true;
}

/// Turns every lazy_mm that names mm into an mm_count reference in that CPU's mailbox. mm_users is
/// zero, so no CPU becomes lazy on mm any more; the caller holds a reference.
void lazymm_2022::mm_unlazy_mm_count(mm_ref mm)
{
	int drop_count = 0;
	WARN_ON(atomic_read(mm->mm_users) != 0, "mm_unlazy_mm_count: mm_users != 0");
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++) {
		if (!READ_ONCE(kernel::kernel().hotplug[cpu].online))
			continue;
		lazymm_rq &rq = cpu_rq(cpu);
		if (!(smp_load_acquire(rq.lazy_mm, "unlazy: (O6) lazy_mm") == mm))
			continue;
		if (!drop_count) {
			drop_count = this_machine().cpus();
			mmgrab(mm, drop_count, Holder::unlazy);
		}
		drop_count--;
		while (!try_mm_drop_rq_ref(rq, mm))
			;
	}
	mmsub(mm, drop_count, Holder::unlazy);
}

// --- CPU going down ---

void lazymm_2022::unlazy_mm_irqs_off()
{
	task_struct &tsk = current_task();
	mm_ref mm = tsk.active_mm.load();
	if (mm == init_mm())
		return;
	switch_mm_irqs_off(mm, init_mm());
	tsk.active_mm.store(init_mm());
	retract(this_rq()); // init_mm needs no hazard pointer
	finish_arch_post_lock_switch();
	mmdrop_lazy(this_rq());
}

void lazymm_2022::sched_force_init_mm()
{
	local_irq_disable();
	unlazy_mm_irqs_off();
	local_irq_enable();
}

void lazymm_2022::finish_cpu(unsigned cpu)
{
	WARN_ON(!(kernel::kernel().cpu_rq(cpu).idle->active_mm.load() == init_mm()),
		"finish_cpu: idle->active_mm != &init_mm");
}

void lazymm_2022::mmgrab_lazy_tlb(mm_ref)
{
	BUG_ON(true, "mmgrab_lazy_tlb: not used by LAZY_MM");
}

void lazymm_2022::mmdrop_lazy_tlb(mm_ref, unsigned, const Where &)
{
	BUG_ON(true, "mmdrop_lazy_tlb: not used by LAZY_MM");
}

// --- without the ABA ---

/// Exchanges until what comes out is not what the CPU is lazy on: it is looked at when its
/// reference is held, so it can be no other. Its mm_users is 0, so the CPU does not become lazy on
/// it again.
bool lazymm_2022_repaired::try_mm_drop_rq_ref(lazymm_rq &rq, mm_ref mm)
{
	for (mm_ref posted = mm;;) {
		mm_ref old = xchg(rq.drop_mm, posted, "unlazy: exchange");
		if (!old)
			return true;
		if (!(smp_load_acquire(rq.lazy_mm, "unlazy: (O6) lazy_mm of what was taken") ==
		      old)) {
			mmdrop(old, Holder::mailbox, rq.owner.number);
			return true;
		}
		posted = old;
	}
}

REGISTER_SCHEME({
	.name = "lazymm-2022",
	.from = "Andy Lutomirski, 2022-01-08, [PATCH 16/23] 7c9c388c388d; hot-unplug 21641bd9a7a7 "
		"(H3)",
	.summary = "LAZY_MM repaired: all ->mm changes converted, the thief looks again; no ABA; "
		   "with H3",
	.expect = Expect::sound,
	.make = make<with_membarrier<lazymm_2022_repaired, membarrier_repaired>>,
	.unsuited = { { ArchKind::deferred, "unlazy_mm_irqs_off() lets go of lazy_mm before the "
					    "hardware has left the mm" } },
});

REGISTER_SCHEME({
	.name = "lazymm-2022-posted",
	.from = "Andy Lutomirski, 2022-01-08, [PATCH 16/23] 7c9c388c388d; hot-unplug 21641bd9a7a7 "
		"(H3)",
	.summary = "lazymm-2022 as posted: a slow thief's cmpxchg() meets the address again (ABA)",
	.expect = Expect::broken,
	.make = make<with_membarrier<lazymm_2022, membarrier_repaired>>,
	.witness = "LMM1:lazymm-2022-posted:IFBkKAjhACzhFwUhCeIAISXiAA3iACEGLuESAuAAWg7hAC4",
});

} // namespace lazymm::schemes
