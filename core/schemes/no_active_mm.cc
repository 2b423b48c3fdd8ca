// SPDX-License-Identifier: MIT
// no-active-mm: a kernel task has no mm at all. That a CPU still has the last one loaded is the
// architecture's own affair, and it forgets it when the mm's last user is gone.
//
// From: Andy Lutomirski, 2018-07-19, ARCH_NO_TASK_ACTIVE_MM and arch_shoot_down_dead_mm(), a
// sketch in the thread of Rik van Riel's lazy TLB series; never a patch. Details that it leaves to
// x86 are x86's of 4.19: enter_lazy_tlb(), the lazy half of switch_mm_irqs_off(), and
// tlb_flush_remove_tables() (2ff6ddf19c0e), which the sketch names as a body.
//
// Per CPU: loaded_mm, is_lazy.
//
// There are no lazy references. mm_users is what lets a CPU load an mm; once it is 0 no CPU newly
// does, and those that still have it loaded are lazy and in mm_cpumask: they are told to leave,
// the caller's own CPU too, before the mm's reference goes. (The sketch asks for other CPUs only.
// The task that exits is lazy on the mm as well.) Between exit_mmap() and that, a lazy CPU has a
// pgd loaded whose user page tables are gone; on x86 the flush that goes with it has reached the
// CPU already, which the sketch makes a WARN_ON of; here exit_mmap() flushes nobody.
// free-immediately has the other order.
//
// task->active_mm of this kernel follows ->mm, for whoever looks at it: user tasks have one, and
// it says nothing else.
//
// Ordering: no mmdrop() and, for a CPU that goes back to the mm that it was lazy on, no CR3 write:
// (E) and the core sync are switch_mm()'s own. The last use of the page tables before the free is
// ordered by the IPI (O9), mm_cpumask by mm_users (O4).
#include "core/schemes/no_active_mm.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

no_active_mm::no_active_mm()
{
	for (unsigned i = 0; i < kMaxCpus; i++)
		tlbstate_[i].owner.number = i;
}

void no_active_mm::reset()
{
	for (unsigned i = 0; i < kernel::kernel().config().cpus; i++) {
		tlbstate_[i].loaded_mm.init(kernel::kernel().cpu_rq(i).loaded_mm.peek());
		tlbstate_[i].is_lazy.init(0);
	}
}

// --- arch ---

void no_active_mm::write_cr3(mm_ref next, bool)
{
	switch_mm_irqs_off({}, next);
}

void no_active_mm::become_lazy()
{
	cpu_tlbstate &state = this_tlbstate();
	if (READ_ONCE(state.loaded_mm) == init_mm() || state.is_lazy.load())
		return;
	state.is_lazy.store(1);
	became_lazy();
}

void no_active_mm::switch_mm(mm_ref next)
{
	cpu_tlbstate &state = this_tlbstate();
	bool was_lazy = state.is_lazy.load();
	bool same = READ_ONCE(state.loaded_mm) == next;
	if (same && !was_lazy)
		return;
	if (was_lazy)
		state.is_lazy.store(0);
	if (!same)
		WRITE_ONCE(state.loaded_mm, next);
	write_cr3(next, same);
	if (same) {
		// No CR3 write does it here.
		smp_mb("switch_mm: (E) rq->curr and ->mm before user accesses, lazy on the same "
		       "mm");
		if (atomic_read(next->membarrier_state) & membarrier_state::sync_core)
			core_serialised();
	}
	if (was_lazy)
		left_lazy(same);
}

// --- context_switch(): a task that has no mm leaves what is loaded ---

void no_active_mm::user_to_kernel(rq &, task_struct &, task_struct &next)
{
	become_lazy();
	next.active_mm.store(nullptr);
}

void no_active_mm::kernel_to_kernel(rq &, task_struct &, task_struct &next)
{
	become_lazy();
	next.active_mm.store(nullptr);
}

void no_active_mm::kernel_to_user(rq &, task_struct &, task_struct &next)
{
	switch_mm(READ_ONCE(next.mm));
}

void no_active_mm::user_to_user(rq &, task_struct &, task_struct &next)
{
	switch_mm(READ_ONCE(next.mm));
}

// --- current changes its mm: interrupts off from ->mm to the hardware ---

void no_active_mm::change_current_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	local_irq_disable();
	tsk.active_mm.store(mm);
	WRITE_ONCE(tsk.mm, mm);
	membarrier().update_current_mm(mm);
	switch_mm(mm);
	local_irq_enable();
}

void no_active_mm::change_current_mm_to_kernel()
{
	task_struct &tsk = current_task();
	spin_lock(tsk.alloc_lock);
	smp_mb__after_spinlock("change_current_mm_to_kernel: (D1) user accesses before ->mm");
	local_irq_disable();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	tsk.active_mm.store(nullptr);
	enter_lazy_tlb(READ_ONCE(this_tlbstate().loaded_mm), tsk);
	become_lazy();
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
}

void no_active_mm::exec_mmap(mm_ref mm)
{
	task_struct &tsk = current_task();
	mm_ref old_mm = READ_ONCE(tsk.mm);
	spin_lock(tsk.alloc_lock);
	membarrier().exec_mmap(mm);
	change_current_mm(mm);
	spin_unlock(tsk.alloc_lock);
	finish_arch_post_lock_switch();
	finish_unlazy();
	if (old_mm)
		mmput(old_mm);
}

void no_active_mm::exit_mm()
{
	mm_ref mm = READ_ONCE(current_task().mm);
	if (!mm)
		return;
	change_current_mm_to_kernel();
	mmput(mm);
}

// The caller's mm_users reference keeps mm while it is used.
void no_active_mm::kthread_use_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	spin_lock(tsk.alloc_lock);
	change_current_mm(mm);
	spin_unlock(tsk.alloc_lock);
	finish_arch_post_lock_switch();
	finish_unlazy();
}

void no_active_mm::kthread_unuse_mm(mm_ref)
{
	change_current_mm_to_kernel();
}

// --- last user gone ---

void no_active_mm::after_exit_mmap(mm_ref mm)
{
	arch_shoot_down_dead_mm(mm);
}

void no_active_mm::arch_shoot_down_dead_mm(mm_ref mm)
{
	struct Shot {
		no_active_mm *scheme;
		mm_ref mm;
	} shot{ this, mm };
	auto leave = [](void *arg) {
		auto &shot = *static_cast<Shot *>(arg);
		shot.scheme->leave_dead_mm(shot.mm);
	};
	// No CPU goes down between the look at the mask and the IPI.
	preempt_disable();
	on_each_cpu_mask(cpus_to_shoot(mm), leave, &shot, "arch_shoot_down_dead_mm");
	preempt_enable();
}

/// A CPU that is down left all mms on its way (sched_force_init_mm()).
std::uint32_t no_active_mm::cpus_to_shoot(mm_ref mm)
{
	return READ_ONCE(mm->mm_cpumask) & cpu_online_mask();
}

/// tlb_flush_remove_tables(): who has it loaded and is not lazy runs it, and mm_users would not be
/// 0.
void no_active_mm::leave_dead_mm(mm_ref mm)
{
	if (!(READ_ONCE(this_tlbstate().loaded_mm) == mm) || !this_tlbstate().is_lazy.load())
		return;
	switch_mm(init_mm());
	finish_arch_post_lock_switch();
}

// --- CPU going down ---

void no_active_mm::sched_force_init_mm()
{
	local_irq_disable();
	switch_mm(init_mm());
	local_irq_enable();
	finish_arch_post_lock_switch();
	finish_unlazy();
}

void no_active_mm::mmgrab_lazy_tlb(mm_ref)
{
	BUG_ON(true, "mmgrab_lazy_tlb: there are no lazy references");
}

void no_active_mm::mmdrop_lazy_tlb(mm_ref, unsigned, const Where &)
{
	BUG_ON(true, "mmdrop_lazy_tlb: there are no lazy references");
}

REGISTER_SCHEME({
	.name = "no-active-mm",
	.from = "Andy Lutomirski, 2018-07-19, ARCH_NO_TASK_ACTIVE_MM, arch_shoot_down_dead_mm()",
	.summary = "no active_mm, no lazy references: the last mmput tells lazy CPUs to leave; "
		   "with H3",
	.expect = Expect::sound,
	.make = make<with_membarrier<no_active_mm, membarrier_repaired>>,
	.unsuited = { { ArchKind::x86,
			"switch_mm() leaves mm_cpumask before it writes CR3: a CPU in "
			"between is not shot at" },
		      { ArchKind::powerpc, "exit_lazy_flush_tlb() goes by active_mm, and leaves "
					   "mm_cpumask with the mm loaded" } },
});

} // namespace lazymm::schemes
