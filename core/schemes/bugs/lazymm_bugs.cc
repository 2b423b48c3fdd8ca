// SPDX-License-Identifier: MIT
// Planted bugs of the LAZY_MM family. Those of 2021 are planted in its repaired successor, one at a
// time: as posted they mask each other.
#include "core/schemes/lazymm_2022.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

// --- what the patch of 2021 left unconverted ---

/// H1: idle_task_exit() switches hardware only, finish_cpu() drops a reference that nobody took.
class finish_cpu_unbalanced : public lazymm_2022
{
	Protocol protocol() const override { return Protocol::h1; }
	void idle_task_exit() override { Scheme::idle_task_exit(); }
	void finish_cpu(unsigned cpu) override { Scheme::finish_cpu(cpu); }
	void mmdrop_lazy_tlb(mm_ref mm, unsigned cpu, const Where &where) override
	{
		mmdrop(mm, Holder::lazy, cpu, where);
	}
};
REGISTER_BUG(
	{ .id = "lz21-finish-cpu-unbalanced",
	  .scheme = "lazymm-2022",
	  .oracle = "mm-count",
	  .provenance =
		  "Paul McKenney, 2021-06-17: rcutorture, kernel/fork.c:686 __mmdrop <- finish_cpu",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<finish_cpu_unbalanced> });

/// exec_mmap() and kthread_use_mm() still drop active_mm and leave lazy_mm set.
class exec_usemm_unbalanced : public lazymm_2022
{
	void exec_mmap(mm_ref mm) override { Scheme::exec_mmap(mm); }
	void kthread_use_mm(mm_ref mm) override { Scheme::kthread_use_mm(mm); }
	void kthread_unuse_mm(mm_ref mm) override
	{
		change_current_mm_to_kernel();
		mmdrop(mm, Holder::use_mm, current_task().slot);
	}
	bool counts_use() const override { return true; }
	void mmdrop_lazy_tlb(mm_ref mm, unsigned cpu, const Where &where) override
	{
		mmdrop(mm, Holder::lazy, cpu, where);
	}
};
REGISTER_BUG({ .id = "lz21-exec-usemm-unbalanced",
	       .scheme = "lazymm-2022",
	       .oracle = "mm-count",
	       .provenance = "0day on 944be1796bc1: 68 of 70 boots failed, via kernel_execve",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<exec_usemm_unbalanced> });

/// exit_mm() still grabs; the task's last switch publishes nothing, and nobody drops.
class exit_mm_leak : public lazymm_2022
{
	void exit_mm() override { Scheme::exit_mm(); }
	void mmgrab_lazy_tlb(mm_ref mm) override { mmgrab(mm, Holder::lazy, smp_processor_id()); }
};
REGISTER_BUG({ .id = "lz21-exit-mm-leak",
	       .scheme = "lazymm-2022",
	       .oracle = "mm-count",
	       .provenance = "derived from ecc3992c36cb: exit_mm() still mmgrabs",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<exit_mm_leak> });

/// The thief believes the lazy_mm that it read before it knew whom it robs.
class steal_stale_lazy : public lazymm_2022
{
	bool try_mm_drop_rq_ref(lazymm_rq &rq, mm_ref mm) override
	{
		mm_ref old = xchg(rq.drop_mm, mm, "unlazy: drop_mm");
		if (old)
			mmdrop(old, Holder::mailbox, rq.owner.number);
		return true;
	}
};
REGISTER_BUG({ .id = "lz21-steal-stale-lazy",
	       .scheme = "lazymm-2022",
	       .oracle = "stale-active-mm",
	       .provenance = "the NB comment of 7c9c388c388d, which looks at lazy_mm again",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<steal_stale_lazy> });

/// idle_task_exit() leaves lazy_mm: the CPU comes up with a dangling hazard pointer.
class stale_lazy_after_hotplug : public lazymm_2022
{
	void sched_force_init_mm() override
	{
		task_struct &tsk = current_task();
		mm_ref mm = tsk.active_mm.load();
		if (mm == init_mm())
			return;
		local_irq_disable();
		switch_mm_irqs_off(mm, init_mm());
		tsk.active_mm.store(init_mm());
		local_irq_enable();
	}
};
REGISTER_BUG({ .id = "lz-stale-lazy-after-hotplug",
	       .scheme = "lazymm-2022",
	       .oracle = "stale-active-mm",
	       .provenance = "derived: hot-unplug switches the hardware but not rq->lazy_mm",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<stale_lazy_after_hotplug> });

/// The scheme as posted, judged more strictly than its author does ("bounded"): an exit that saw
/// the CPU lazy posts after it went down, and the mailbox of a CPU that stays down is nobody's.
class mailbox_leak_offline : public lazymm_2022
{
	int expected_mm_count(Kernel &kernel, mm_ref mm) const override
	{
		int n = lazymm_2022::expected_mm_count(kernel, mm);
		for (unsigned i = 0; i < kernel.config().cpus; i++)
			n -= !kernel.hotplug[i].online.peek() && cpu_rq(i).drop_mm.peek() == mm;
		return n;
	}
};
REGISTER_BUG({ .id = "lz-mailbox-leak-offline",
	       .scheme = "lazymm-2022",
	       .oracle = "mm-count",
	       .provenance = "derived: drop_mm of a CPU that is down is consumed by nobody",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<mailbox_leak_offline> });

// --- mutations of the scheme itself ---

/// Posts first and counts afterwards, without a reference of its own in between.
class mailbox_before_ref : public lazymm_2022
{
	void after_exit_mmap(mm_ref mm) override
	{
		for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++) {
			lazymm_rq &rq = cpu_rq(cpu);
			if (!(smp_load_acquire(rq.lazy_mm, "unlazy: (O6) lazy_mm") == mm))
				continue;
			if (cmpxchg(rq.drop_mm, nullptr, mm, "unlazy: post"))
				continue;
			mmgrab(mm, 1, Holder::unlazy);
		}
	}
};
REGISTER_BUG({ .id = "lz-mailbox-before-ref",
	       .scheme = "lazymm-2022",
	       .oracle = "mm-count",
	       .provenance = "Peter Zijlstra, 2021-06-17: mm_count before any rq->drop_mm",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<mailbox_before_ref> });

/// lazy_mm is published after prev->on_cpu was released: prev may have exited elsewhere by then.
class publish_after_on_cpu : public lazymm_2022
{
	void user_to_kernel(rq &, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		next.active_mm.store(mm);
		late_[smp_processor_id()] = mm;
	}
	void finish_lazy(rq &rq, mm_ref prev_mm) override
	{
		mm_ref &late = late_[smp_processor_id()];
		if (late)
			publish(this_rq(), late);
		late = nullptr;
		lazymm_2022::finish_lazy(rq, prev_mm);
	}
	void reset() override
	{
		lazymm_2022::reset();
		for (mm_ref &late : late_)
			late = nullptr;
	}
	mm_ref late_[kMaxCpus];
};
REGISTER_BUG({ .id = "hz-publish-after-oncpu",
	       .scheme = "lazymm-2022",
	       .oracle = "stale-active-mm",
	       .provenance = "plausible: slot stored after finish_task() [LKMM L1-publish-late]",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<publish_after_on_cpu> });

/// lazy_mm is cleared before the hardware leaves the page tables.
class clear_before_hw_switch : public lazymm_2022
{
	void kernel_to_user(rq &, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		retract(this_rq());
		switch_mm_irqs_off(mm, READ_ONCE(next.mm));
		prev.active_mm.store(nullptr);
	}
};
REGISTER_BUG({ .id = "hz-clear-before-hw-switch",
	       .scheme = "lazymm-2022",
	       .oracle = "page-table",
	       .provenance = "plausible: lazy_mm released before switch_mm_irqs_off()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<clear_before_hw_switch> });

/// 5.13's trick: a lazy reference becomes the use's reference and back. Only a counted one can.
class usemm_ref_transfer : public lazymm_2022
{
	void kthread_use_mm(mm_ref mm) override
	{
		bool transfer = current_task().active_mm.load() == mm;
		change_current_mm(mm);
		if (!transfer)
			mmgrab(mm, Holder::use_mm, current_task().slot);
	}
	void kthread_unuse_mm(mm_ref mm) override
	{
		change_current_mm_to_kernel();
		mmdrop(mm, Holder::use_mm, current_task().slot);
	}
};
REGISTER_BUG(
	{ .id = "rc-usemm-ref-transfer-trick",
	  .scheme = "lazymm-2022",
	  .oracle = "mm-count",
	  .provenance = "6cad87b0d216 (6.4) removed it: lazy and use references are not equivalent",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<usemm_ref_transfer> });

/// H2, the author's own: the CPU leaves the online mask while it still is lazy.
class online_mask_window : public lazymm_2022
{
	Protocol protocol() const override { return Protocol::h1; }
	void idle_task_exit() override { unlazy_mm_irqs_off(); }
};
REGISTER_BUG(
	{ .id = "sd-all-online-window",
	  .scheme = "lazymm-2022",
	  .oracle = "stale-active-mm",
	  .provenance = "derived: the author's own XXX in 7c9c388c388d, for_each_online_cpu and H2",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<online_mask_window> });

/// As posted. No search has met it: three mms, of which one gets the address of another, and a
/// thief that sleeps through all of it.
REGISTER_BUG({ .id = "lz22-drop-mm-aba",
	       .scheme = "lazymm-2022",
	       .oracle = "use-after-free",
	       .provenance = "derived from 7c9c388c388d: __try_mm_drop_rq_ref()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<with_membarrier<lazymm_2022, membarrier_repaired>> });

} // namespace
} // namespace lazymm::schemes
