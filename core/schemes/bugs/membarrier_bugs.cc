// SPDX-License-Identifier: MIT
// Planted bugs of membarrier(2): its own steps, and the barriers that it leans on elsewhere. In a
// membarrier that is sound otherwise: what 6.12 itself lacks would be found first.
#include "core/schemes/lazymm_2022.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/refcount.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

constexpr const char *kOps = "membarrier";

using refcount_mb = with_membarrier<refcount, membarrier_repaired>;
using lazymm_2022_mb = with_membarrier<lazymm_2022, membarrier_repaired>;

// --- a barrier that is not there ---

#define REGISTER_BARRIER_BUG(id_, scheme_, variant, weaken_, provenance_)                          \
	REGISTER_BUG({ .id = id_,                                                                  \
		       .scheme = scheme_,                                                          \
		       .oracle = "membarrier-fence",                                               \
		       .provenance = provenance_,                                                  \
		       .memory = "sc",                                                             \
		       .where = LAZYMM_HERE,                                                       \
		       .make = make<variant>,                                                      \
		       .weaken = weaken_,                                                          \
		       .ops = kOps })

REGISTER_BARRIER_BUG("mb-no-barrier-after-curr", "lazymm-2022", lazymm_2022_mb,
		     "membarrier_finish_switch_mm: (E) rq->curr and ->mm before user accesses",
		     "plausible: (E) missing [LKMM, x86-TSO A-no-e: Sometimes]");
REGISTER_BARRIER_BUG("mb-no-entry-barrier", "refcount", refcount_mb,
		     "membarrier: (a) user accesses before reading rq->curr",
		     "plausible: (a) missing [LKMM, x86-TSO A-no-a: Sometimes]");
REGISTER_BARRIER_BUG("mb-no-exit-barrier", "refcount", refcount_mb,
		     "membarrier: (c) the last IPI before user accesses",
		     "plausible: (c) missing [LKMM B-no-c: Sometimes; TSO: Never]");
REGISTER_BARRIER_BUG("mb-no-barrier-before-curr", "refcount", refcount_mb,
		     "__schedule: (D0) user accesses before rq->curr",
		     "plausible: (D0) missing [LKMM B-no-d: Sometimes; TSO: Never]");
REGISTER_BARRIER_BUG("mb-exit-mm-no-barrier", "refcount", refcount_mb,
		     "exit_mm: (D1) user accesses before ->mm",
		     "5bc78502322a (5.11): fix exit_mm vs membarrier");

/// 5.10's: a lazy reference becomes the use's, and nothing stands between ->mm and user accesses.
class usemm_same_mm : public refcount_mb
{
	void kthread_use_mm(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		spin_lock(tsk.alloc_lock);
		local_irq_disable();
		mm_ref active_mm = tsk.active_mm.load();
		bool transfer = active_mm == mm;
		if (!transfer) {
			mmgrab(mm, Holder::use_mm, tsk.slot);
			tsk.active_mm.store(mm);
		}
		WRITE_ONCE(tsk.mm, mm);
		membarrier_.update_current_mm(mm);
		switch_mm_irqs_off(active_mm, mm);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		if (!transfer)
			mmdrop_lazy_tlb(active_mm, smp_processor_id());
	}
	void kthread_unuse_mm(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		spin_lock(tsk.alloc_lock);
		smp_mb__after_spinlock("kthread_unuse_mm: (D1) user accesses before ->mm");
		local_irq_disable();
		WRITE_ONCE(tsk.mm, nullptr);
		membarrier_.update_current_mm(nullptr);
		enter_lazy_tlb(mm, tsk);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
	}
};
REGISTER_BUG({ .id = "mb-usemm-same-mm-no-barrier",
	       .scheme = "refcount",
	       .oracle = "membarrier-fence",
	       .provenance = "618758ed3a4f (5.11): cover kthread_use_mm",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<usemm_same_mm>,
	       .ops = kOps });

/// mmdrop() went from the switch back to the user, and membarrier's barrier with it.
class barrier_lost : public lazymm_2022_mb
{
	void kernel_to_user(rq &, task_struct &prev, task_struct &next) override
	{
		switch_mm_irqs_off(prev.active_mm.load(), READ_ONCE(next.mm));
		prev.active_mm.store(nullptr);
		retract(this_rq());
	}
};
REGISTER_BUG({ .id = "lz21-membarrier-barrier-lost",
	       .scheme = "lazymm-2022",
	       .oracle = "membarrier-fence",
	       .provenance = "Andy Lutomirski, 2021-06-17, on his own patch: \"nothing depends on "
			     "the barrier-ness of mmdrop()\" has to come first",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<barrier_lost>,
	       .ops = kOps });

/// And membarrier_mm_sync_core_before_usermode() too.
class sync_core_lost : public with_membarrier<lazymm_2022, membarrier_rq_state>
{
	void unlazy_core_sync(mm_ref) override {}
};
REGISTER_BUG({ .id = "lz21-sync-core-lost",
	       .scheme = "lazymm-2022",
	       .oracle = "core-serialised",
	       .provenance = "Peter Zijlstra, 2021-06-17: \"What happened here?\"",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<sync_core_lost>,
	       .ops = kOps });

// --- who is asked, and how ---

template <class M>
using refcount_with = with_membarrier<refcount, M>;

/// use_mm leaves rq->membarrier_state as the lazy mm had it.
struct usemm_rq_state_stale : membarrier_repaired {
	void update_current_mm(mm_ref next) override
	{
		if (!next)
			membarrier_repaired::update_current_mm(next);
	}
};
REGISTER_BUG({ .id = "mb-usemm-rq-state-stale",
	       .scheme = "refcount",
	       .oracle = "membarrier-fence",
	       .provenance = "618758ed3a4f (5.11) added membarrier_update_current_mm()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<usemm_rq_state_stale>>,
	       .ops = kOps });

struct global_skips_pf_kthread : membarrier_repaired {
	bool global_wants(unsigned cpu) override
	{
		if (!(READ_ONCE(kernel::kernel().cpu_rq(cpu).membarrier_state) &
		      membarrier_state::global_expedited))
			return false;
		return !READ_ONCE(kernel::kernel().cpu_rq(cpu).curr)->kthread;
	}
};
REGISTER_BUG(
	{ .id = "mb-global-skips-pf-kthread",
	  .scheme = "refcount",
	  .oracle = "membarrier-fence",
	  .provenance = "227a4aadc75b (5.4) tested PF_KTHREAD; 618758ed3a4f (5.11) !p->mm again",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<refcount_with<global_skips_pf_kthread>>,
	  .ops = kOps });

struct racy_mm_deref : membarrier_repaired {
	bool global_wants(unsigned cpu) override
	{
		mm_ref mm = curr_mm(cpu);
		if (!mm)
			return false;
		int state = atomic_read(mm->membarrier_state);
		mm.still_there();
		return state & membarrier_state::global_expedited;
	}
};
REGISTER_BUG({ .id = "mb-racy-mm-deref",
	       .scheme = "refcount",
	       .oracle = "use-after-free",
	       .provenance = "227a4aadc75b (5.4): Fix p->mm->membarrier_state racy load",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<racy_mm_deref>>,
	       .ops = kOps });

struct curr_no_rcu : membarrier_repaired {
	void read_lock() override {}
	void read_unlock() override {}
};
REGISTER_BUG({ .id = "mb-curr-no-rcu",
	       .scheme = "refcount",
	       .oracle = "use-after-free",
	       .provenance = "plausible: no rcu_read_lock() around rq->curr",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<curr_no_rcu>>,
	       .ops = kOps });

/// The scheduler stores rq->curr before it loads the state, without a barrier in between: needs a
/// store buffer to show.
struct register_no_grace_period : membarrier_repaired {
	void wait_for_schedulers() override
	{
		smp_mb("sync_runqueues: smp_mb() instead of a grace period");
	}
};
REGISTER_BUG({ .id = "mb-register-no-grace-period",
	       .scheme = "refcount",
	       .oracle = "membarrier-fence",
	       .provenance = "plausible: smp_mb() for synchronize_rcu() [LKMM REG-smp-mb-only]",
	       .memory = "tso",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<register_no_grace_period>>,
	       .ops = kOps });

/// task->mm of a kernel thread as it was before the _ONCE accessors.
struct plain_mm : membarrier_repaired {
	plain_mm()
	{
		for (auto &mm : mms)
			mm = std::make_unique<Plain<mm_ref>>("mm", nullptr);
	}
	mm_ref curr_mm(unsigned cpu) override
	{
		task_ref p = READ_ONCE(kernel::kernel().cpu_rq(cpu).curr);
		return p->kthread ? mms[p.slot()]->load() : READ_ONCE(p->mm);
	}
	std::unique_ptr<Plain<mm_ref>> mms[kTasks];
};

class plain_mm_stores : public refcount_with<plain_mm>
{
	void reset() override
	{
		for (auto &mm : membarrier_.mms)
			mm->init({});
	}
	void kthread_use_mm(mm_ref mm) override
	{
		membarrier_.mms[current_task().slot]->store(mm);
		refcount::kthread_use_mm(mm);
	}
	void kthread_unuse_mm(mm_ref mm) override
	{
		membarrier_.mms[current_task().slot]->store(nullptr);
		refcount::kthread_unuse_mm(mm);
	}
};
REGISTER_BUG({ .id = "mb-plain-mm-stores",
	       .scheme = "refcount",
	       .oracle = "data-race",
	       .provenance = "Andy Lutomirski, 2022-01-08, 05/23: Use _ONCE accessors for task->mm",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<plain_mm_stores>,
	       .ops = kOps });

// --- SYNC_CORE ---

struct sync_core_caller_skipped : membarrier_repaired {
	bool sync_core_everywhere() const override { return false; }
};
REGISTER_BUG({ .id = "mb-sync-core-caller-skipped",
	       .scheme = "refcount",
	       .oracle = "core-serialised",
	       .provenance = "e45cdc71d1fa (5.11): Execute SYNC_CORE on the calling thread",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<sync_core_caller_skipped>>,
	       .ops = kOps });

/// The handler relies on IRET; its exit goes to a sibling that was woken meanwhile, and that leaves
/// by SYSRET.
struct sync_core_remote_implicit : membarrier_repaired {
	void sync_core_in_ipi() override
	{
		if (this_cpu().hardirq_depth)
			this_rq().need_resched = true;
		else
			core_serialised();
	}
};
REGISTER_BUG({ .id = "mb-sync-core-remote-implicit",
	       .scheme = "refcount",
	       .oracle = "core-serialised",
	       .provenance = "758c9373d841 (5.10): Explicitly sync remote cores",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<sync_core_remote_implicit>>,
	       .ops = "sync-core" });

// --- registration ---

/// The new image goes on with the old one's registrations.
struct exec_state_leak : membarrier_repaired {
	void exec_mmap(mm_ref mm) override
	{
		mm_ref old = READ_ONCE(current_task().mm);
		membarrier_repaired::exec_mmap(mm);
		if (old)
			WRITE_ONCE(mm->membarrier_state, atomic_read(old->membarrier_state));
	}
};
REGISTER_BUG({ .id = "mb-exec-state-leak",
	       .scheme = "refcount",
	       .oracle = "membarrier-api",
	       .provenance = "plausible: membarrier_exec_mmap() clears both copies for a reason",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<refcount_with<exec_state_leak>>,
	       .ops = kOps });

// --- mm_cid ---

/// An architecture whose switch_mm() is no barrier (no CR3 write), and no
/// smp_mb__after_switch_mm().
REGISTER_BUG(
	{ .id = "cid-no-barrier-u2u",
	  .scheme = "refcount",
	  .oracle = "mm-cid",
	  .provenance = "fe90f3967bdb (6.9): sched: Add missing memory barrier in switch_mm_cid",
	  .memory = "tso",
	  .where = LAZYMM_HERE,
	  .make = nullptr,
	  .weaken = "switch_mm: (E) CR3 write",
	  .ops = "mm-cid" });

} // namespace
} // namespace lazymm::schemes
