// SPDX-License-Identifier: MIT
// Planted bugs of refcount: the common skeleton, exec, use_mm and exit. Each variant overrides one
// step; its provenance stands beside it.
#include "core/kernel/membarrier.h"
#include "core/schemes/refcount.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

// --- context_switch() and finish_task_switch() ---

/// T2 forgets the grab.
class missing_grab_u2k : public refcount
{
	void user_to_kernel(rq &, task_struct &prev, task_struct &next) override
	{
		next.active_mm.store(prev.active_mm.load());
	}
};
REGISTER_BUG({ .id = "rc-missing-grab-u2k",
	       .scheme = "refcount",
	       .oracle = "mm-count",
	       .provenance = "plausible: mmgrab dropped from the user->kernel switch",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<missing_grab_u2k> });

/// finish_task_switch() does not clear rq->prev_mm: the next switch drops it again.
class prev_mm_not_cleared : public refcount
{
	mm_ref take_prev_mm(rq &rq) override { return rq.prev_mm.load(); }
};
REGISTER_BUG({ .id = "rc-prev-mm-not-cleared",
	       .scheme = "refcount",
	       .oracle = "mm-count",
	       .provenance = "plausible: rq->prev_mm read and not cleared",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<prev_mm_not_cleared> });

/// A forked child starts without schedule_tail(): what its switch left in prev_mm is overwritten by
/// the next kernel->user switch.
class prev_mm_overwritten : public refcount
{
	void schedule_tail(task_struct &prev) override
	{
		rq &rq = kernel::this_rq();
		WRITE_ONCE(prev.on_cpu, 0);
		spin_unlock(rq.lock);
		local_irq_enable();
		preempt_enable();
	}
};
REGISTER_BUG({ .id = "rc-prev-mm-overwritten",
	       .scheme = "refcount",
	       .oracle = "mm-count",
	       .provenance = "plausible: a forked child skips schedule_tail()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<prev_mm_overwritten> });

/// The drop inside context_switch(), rq lock held.
class drop_under_rq_lock : public refcount
{
	void kernel_to_user(rq &, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		switch_mm_irqs_off(mm, READ_ONCE(next.mm));
		prev.active_mm.store(nullptr);
		mmdrop_lazy_tlb(mm, smp_processor_id());
	}
};
REGISTER_BUG({ .id = "rc-drop-under-rq-lock",
	       .scheme = "refcount",
	       .oracle = "context",
	       .provenance = "comment in finish_task_switch(), Linux 6.12",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<drop_under_rq_lock> });

/// The drop before the hardware leaves the page tables.
class drop_before_hw_switch : public refcount
{
	void kernel_to_user(rq &, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		prev.active_mm.store(nullptr);
		mmdrop_lazy_tlb(mm, smp_processor_id());
		switch_mm_irqs_off(mm, READ_ONCE(next.mm));
	}
};
REGISTER_BUG({ .id = "rc-drop-before-hw-switch",
	       .scheme = "refcount",
	       .oracle = "page-table",
	       .provenance = "plausible: mmdrop before switch_mm_irqs_off()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<drop_before_hw_switch> });

// --- mm_count ---

REGISTER_BUG(
	{ .id = "rc-relaxed-dec",
	  .scheme = "refcount",
	  .oracle = "data-race",
	  .provenance = "plausible: mm_count decremented without release [LKMM RC-relaxed-acq]",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = nullptr,
	  .weaken = "mmdrop: mm_count" });

/// A release decrement whose zero is not acquired: destructor reads may be stale.
class no_acquire_on_zero : public refcount
{
	void mmdrop(mm_ref mm, Holder holder, int id, const Where &where) override
	{
		int old = detail::rmw(mm->mm_count, RmwOp::add, -1, Order::release,
				      &LAZYMM_SITE("mmdrop: release only", rmw), where);
		kernel::kernel().emit({ .kind = EventKind::drop,
					.mm = mm,
					.count = old - 1,
					.value = 1,
					.holder = holder,
					.holder_id = id },
				      where);
		if (old == 1)
			__mmdrop(mm);
	}
};
REGISTER_BUG(
	{ .id = "rc-no-acquire-on-zero",
	  .scheme = "refcount",
	  .oracle = "data-race",
	  .provenance = "plausible: release decrement, zero not acquired [LKMM L2b-rel-relaxed]",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<no_acquire_on_zero> });

/// The last reference of a signal_struct dropped in softirq by plain mmdrop().
class softirq_mmdrop : public refcount
{
	void mmdrop_async(mm_ref mm, Holder holder, int id, const Where &where) override
	{
		mmdrop(mm, holder, id, where);
	}
};
REGISTER_BUG({ .id = "rc-softirq-mmdrop-pgdlock",
	       .scheme = "refcount",
	       .oracle = "context",
	       .provenance = "7283094ec3db (4.9): pgd_lock taken in softirq; mmdrop_async() since",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<softirq_mmdrop> });

// --- exec, use_mm, exit ---

/// active_mm is sampled while preemption is possible: a kernel thread that is switched away and
/// back is lazy on another mm by then.
class kexec_preempt_double_drop : public refcount
{
	void exec_mmap(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		mm_ref old_mm = READ_ONCE(tsk.mm);
		mm_ref active_mm = tsk.active_mm.load();
		spin_lock(tsk.alloc_lock);
		membarrier().exec_mmap(mm);
		local_irq_disable();
		tsk.active_mm.store(mm);
		WRITE_ONCE(tsk.mm, mm);
		switch_mm_irqs_off(active_mm, mm);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		if (old_mm)
			mmput(old_mm);
		else
			mmdrop_lazy_tlb(active_mm, smp_processor_id());
	}
};
REGISTER_BUG({ .id = "rc-kexec-preempt-double-drop",
	       .scheme = "refcount",
	       .oracle = "mm-count",
	       .provenance = "d53c3dfb23c4 (5.10): exec_mmap sampled active_mm with preemption on",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<kexec_preempt_double_drop> });

/// active_mm is ahead of the hardware with interrupts on: a flush IPI in between trusts it.
class usemm_active_before_switch : public refcount
{
	void kthread_use_mm(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		mmgrab(mm, Holder::use_mm, tsk.slot);
		spin_lock(tsk.alloc_lock);
		mm_ref active_mm = tsk.active_mm.load();
		tsk.active_mm.store(mm);
		WRITE_ONCE(tsk.mm, mm);
		membarrier().update_current_mm(mm);
		local_irq_disable();
		switch_mm_irqs_off(active_mm, mm);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		mmdrop_lazy_tlb(active_mm, smp_processor_id());
	}
};
REGISTER_BUG({ .id = "rc-usemm-active-before-switch",
	       .scheme = "refcount",
	       .oracle = "page-table",
	       .provenance = "38cf307c1f20 (5.9): kthread_use_mm() vs TLB invalidate",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<usemm_active_before_switch> });

/// exit_mm() clears ->mm before it grabs: a preemption in between transfers a reference that was
/// never taken.
class exit_grab_after_clear : public refcount
{
	void exit_mm() override
	{
		task_struct &tsk = current_task();
		mm_ref mm = READ_ONCE(tsk.mm);
		if (!mm)
			return;
		smp_mb("exit_mm: (D1) user accesses before ->mm");
		WRITE_ONCE(tsk.mm, nullptr);
		mmgrab_lazy_tlb(mm);
		mmput(mm);
	}
};
REGISTER_BUG({ .id = "rc-exit-grab-after-clear",
	       .scheme = "refcount",
	       .oracle = "mm-count",
	       .provenance = "plausible: exit_mm() stores mm = NULL before mmgrab()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<exit_grab_after_clear> });

// --- CPU going down ---

/// A destructor that waits for RCU callbacks, in finish_cpu() under cpus_write_lock.
class finish_cpu_rcu_barrier : public refcount
{
	void cleanup_lazy_tlbs(mm_ref) override
	{
		// Atomic contexts would have deferred it; they are not what this is about.
		if (!this_cpu().preempt_count && !this_cpu().irqs_off)
			rcu_barrier();
	}
};
REGISTER_BUG({ .id = "hp1-finish-cpu-rcu-barrier-deadlock",
	       .scheme = "refcount",
	       .oracle = "progress",
	       .provenance = "Pavan Kondeti, 2022-07-27: __mmdrop <- finish_cpu -> cpus_read_lock",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<finish_cpu_rcu_barrier> });

/// H0 dropped on the dying CPU; H1 without finish_cpu()'s half: the reference of the idle task is
/// dropped while its active_mm stays.
class idle_exit_keeps_active : public refcount
{
	void finish_cpu(unsigned cpu) override
	{
		task_struct &idle = *kernel::kernel().cpu_rq(cpu).idle;
		mmdrop_lazy_tlb(idle.active_mm.load(), cpu);
	}
};
REGISTER_BUG(
	{ .id = "hp1-finish-cpu-keeps-active",
	  .scheme = "refcount",
	  .oracle = "stale-active-mm",
	  .provenance =
		  "plausible: finish_cpu() drops without idle->active_mm = &init_mm (bf2c59fce407)",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<idle_exit_keeps_active> });

} // namespace
} // namespace lazymm::schemes
