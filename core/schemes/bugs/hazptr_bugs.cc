// SPDX-License-Identifier: MIT
// Planted bugs of the hazard pointers, each in the repaired scheme or in the one that waits. What
// hazptr has as posted is planted one at a time: there the defects mask each other.
#include "core/kernel/membarrier.h"
#include "core/schemes/hazptr_repaired.h"
#include "core/schemes/hazptr_wait.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

// --- where the slot is cleared ---

/// exec_mmap() and kthread_use_mm() drop with preemption on. The slot that is cleared is that of
/// the CPU on which the task is by then; its old CPU's stays. That a switch away finds it taken is
/// repaired here, to see the one without the other: the later mm counts.
class drop_wrong_cpu : public hazptr_repaired
{
	void mmgrab_lazy_tlb(mm_ref mm) override
	{
		smp_mb("mmgrab_lazy_tlb: for membarrier");
		WRITE_ONCE(sched_lazy_mm_.slot(smp_processor_id()), mm);
	}
	void exec_mmap(mm_ref mm) override { Scheme::exec_mmap(mm); }
	void kthread_use_mm(mm_ref mm) override { Scheme::kthread_use_mm(mm); }
};
REGISTER_BUG(
	{ .id = "hz-drop-wrong-cpu",
	  .scheme = "hazptr-repaired",
	  .oracle = "progress",
	  .provenance = "0day on efef4da3b19c: smp_processor_id() in preemptible code, exec_mmap",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<drop_wrong_cpu> });

/// The drop is late again, but of the right CPU's slot, and only if that is still taken by it: in
/// between the task can be switched away, and what it leaves the CPU lazy on has no slot.
class slot_busy_unprotected : public hazptr_repaired
{
	void mmgrab_lazy_tlb(mm_ref mm) override
	{
		smp_mb("mmgrab_lazy_tlb: for membarrier");
		sched_lazy_mm_.try_protect(mm);
	}
	void kthread_use_mm(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		mmgrab(mm, Holder::use_mm, tsk.slot);
		spin_lock(tsk.alloc_lock);
		local_irq_disable();
		unsigned cpu = smp_processor_id();
		mm_ref active_mm = tsk.active_mm.load();
		tsk.active_mm.store(mm);
		WRITE_ONCE(tsk.mm, mm);
		membarrier().update_current_mm(mm);
		switch_mm_irqs_off(active_mm, mm);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		cmpxchg(sched_lazy_mm_.slot(cpu), active_mm, nullptr, "kthread_use_mm: slot");
	}
};
REGISTER_BUG({ .id = "hz-slot-busy-unprotected",
	       .scheme = "hazptr-repaired",
	       .oracle = "stale-active-mm",
	       .provenance = "derived from hazptr v2: try_protect fails if the slot is taken",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<slot_busy_unprotected> });

/// finish_cpu() drops the idle task's lazy reference, which by now is one to init_mm: it clears the
/// slot of the control CPU.
class finish_cpu_clears_bp_slot : public hazptr_repaired
{
	void finish_cpu(unsigned cpu) override { Scheme::finish_cpu(cpu); }
};
REGISTER_BUG({ .id = "hz-finish-cpu-clears-bp-slot",
	       .scheme = "hazptr-repaired",
	       .oracle = "stale-active-mm",
	       .provenance = "derived from hazptr v3, whose diffstat leaves kernel/cpu.c out",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<finish_cpu_clears_bp_slot> });

// --- how the slot is cleared ---

/// slot = NULL; smp_mb(): membarrier is content. Where loading page tables is a full barrier (x86)
/// nothing is missed; here it is not, and the hardware walks what is loaded until it is not.
class mb_after_clear : public hazptr_repaired
{
	void kernel_to_user(rq &rq, task_struct &prev, task_struct &next) override
	{
		rq.loaded_mm.load().unchecked()->pgd.entry.load();
		hazptr_repaired::kernel_to_user(rq, prev, next);
	}
	void mmdrop_lazy_tlb(mm_ref, unsigned, const Where &) override
	{
		sched_lazy_mm_.this_cpu_clear();
		smp_mb("mmdrop_lazy_tlb: (E) before user accesses");
	}
};
REGISTER_BUG({ .id = "hz-mb-after-clear",
	       .scheme = "hazptr-repaired",
	       .oracle = "data-race",
	       .provenance = "plausible: smp_mb() behind slot = NULL [LKMM L2-store-then-mb]",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<mb_after_clear>,
	       .weaken = "switch_mm: (E) CR3 write",
	       .ops = "switch,fork,exec,exit" });

/// smp_store_release(slot, NULL): the mm's life is content, membarrier is not.
class release_instead_of_mb : public with_membarrier<hazptr_repaired, membarrier_repaired>
{
	void mmdrop_lazy_tlb(mm_ref, unsigned, const Where &) override { sched_lazy_mm_.retire(); }
};
REGISTER_BUG({ .id = "hz-release-instead-of-mb",
	       .scheme = "hazptr-repaired",
	       .oracle = "membarrier-fence",
	       .provenance = "plausible: smp_store_release(slot, NULL) [LKMM A-e-storerelease]",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<release_instead_of_mb>,
	       .ops = "membarrier" });

// --- the scan ---

/// The scan goes on behind its callback whatever the slot says; and without
/// ARCH_WANT_IRQS_OFF_ACTIVATE_MM the callback may find nothing to do while the hardware, and the
/// slot, still have the mm.
class callback_no_recheck : public hazptr_repaired
{
	void exec_mmap(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		mm_ref old_mm = READ_ONCE(tsk.mm);
		spin_lock(tsk.alloc_lock);
		membarrier().exec_mmap(mm);
		local_irq_disable();
		mm_ref active_mm = tsk.active_mm.load();
		tsk.active_mm.store(mm);
		WRITE_ONCE(tsk.mm, mm);
		local_irq_enable();
		READ_ONCE(mm->mm_cpumask); // activate_mm() takes its time
		switch_mm(active_mm, mm);
		if (!old_mm)
			mmdrop_lazy_tlb(active_mm, smp_processor_id());
		spin_unlock(tsk.alloc_lock);
		if (old_mm)
			mmput(old_mm);
	}
	void remove_lazy_mm_hp(unsigned cpu, mm_ref mm) override
	{
		hazptr::remove_lazy_mm_hp(cpu, mm);
	}
};
REGISTER_BUG({ .id = "hz-callback-no-recheck",
	       .scheme = "hazptr-repaired",
	       .oracle = "page-table",
	       .provenance = "derived from hazptr v3 3/4: on_match_cb() is the last that is heard",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<callback_no_recheck> });

/// Who frees does not leave first, and kicks nobody but others.
class wait_self_slot : public hazptr_wait
{
	void cleanup_lazy_tlbs(mm_ref mm) override
	{
		unsigned self = smp_processor_id();
		sched_lazy_mm_.scan(mm, [&](unsigned cpu) {
			if (cpu == self)
				sched_lazy_mm_.wait(cpu, mm);
			else
				remove_lazy_mm_hp(cpu, mm);
		});
	}
};
REGISTER_BUG({ .id = "hz-wait-self-slot",
	       .scheme = "hazptr-wait",
	       .oracle = "progress",
	       .provenance = "plausible: who frees is lazy on the mm itself, since exit_mm()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<wait_self_slot> });

/// Waits where it hears no kick: two CPUs, each lazy on what the other frees. That an mm ends on a
/// CPU that is lazy on another one is made likely: a worker does it.
class wait_cross : public hazptr_wait
{
	void mmdrop(mm_ref mm, Holder holder, int id, const Where &where) override
	{
		mmdrop_async(mm, holder, id, where);
	}
	void cleanup_lazy_tlbs(mm_ref mm) override
	{
		local_irq_disable();
		leave(mm);
		for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++)
			if (smp_load_acquire(sched_lazy_mm_.slot(cpu), "hazptr_scan: (O6) slot") ==
			    mm)
				remove_lazy_mm_hp(cpu, mm);
		local_irq_enable();
	}
};
REGISTER_BUG({ .id = "hz-wait-cross",
	       .scheme = "hazptr-wait",
	       .oracle = "progress",
	       .provenance = "plausible: hazptr_scan() without a callback in atomic context",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<wait_cross>,
	       .ops = "switch,fork,exec,exit,work" });

// --- readers that have no reference ---

/// Linux before 5.4 (227a4aadc75b) followed rq->curr->mm to its membarrier_state. Here it does so
/// under a hazard pointer of a domain of its own, which the end of an mm waits for. Correct with
/// the reader's barrier: slot, smp_mb(), pointer again.
class reads_curr_mm : public membarrier_repaired
{
public:
	hazptr_domain readers;

protected:
	bool global_wants(unsigned cpu) override
	{
		// rcu_read_lock() keeps preemption off and the task.
		task_ref curr = READ_ONCE(kernel::kernel().cpu_rq(cpu).curr);
		mm_ref mm = readers.load_try_protect(curr->mm);
		if (!mm)
			return false;
		int state = atomic_read(mm->membarrier_state);
		readers.retire();
		return state & membarrier_state::global_expedited;
	}
};

class general_reader : public with_membarrier<hazptr_repaired, reads_curr_mm>
{
	void reset() override
	{
		hazptr_repaired::reset();
		membarrier_.readers.reset();
	}
	void cleanup_lazy_tlbs(mm_ref mm) override
	{
		hazptr_repaired::cleanup_lazy_tlbs(mm);
		membarrier_.readers.scan(mm,
					 [&](unsigned cpu) { membarrier_.readers.wait(cpu, mm); });
	}
};
REGISTER_BUG({ .id = "hz-general-reader-no-mb",
	       .scheme = "hazptr-repaired",
	       .oracle = "use-after-free",
	       .provenance = "plausible: load_try_protect without smp_mb() [LKMM HP-no-reader-mb]",
	       .memory = "tso",
	       .where = LAZYMM_HERE,
	       .make = make<general_reader>,
	       .weaken = "hazptr_load_try_protect: (O11) slot before the pointer again",
	       .ops = "membarrier" });

} // namespace
} // namespace lazymm::schemes
