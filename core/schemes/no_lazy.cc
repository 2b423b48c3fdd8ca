// SPDX-License-Identifier: MIT
// no-lazy: a CPU that runs kernel code has init_mm loaded. Nothing is kept alive, so nothing is
// counted, published or searched for: what other schemes can be compared with.
//
// From: Nicholas Piggin, 2021-06-01, [PATCH v3 2/4] "lazy tlb: allow lazy tlb mm switching to be
// configurable", CONFIG_MMU_LAZY_TLB=n; not merged. On Linux 5.13, whose kthread_use_mm() and
// kthread_unuse_mm() have two references by patch 1/4, as in 6.4.
//
// Per CPU: nothing.
//
// Ordering: from init_mm the mm always changes, so (E) is switch_mm()'s, and so is the core sync.
// membarrier_switch_mm() runs with init_mm, whose state is 0, as well.
//
// no-lazy-2021, as posted, is broken: the patch has context_switch() only. In exit_mm() and
// kthread_unuse_mm() a task becomes a kernel task without one, goes on with active_mm and hardware
// on its old mm, and mmgrab_lazy_tlb() is nothing. no-lazy has these two switch as well.
#include "core/schemes/no_lazy.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

// --- context_switch_mm_nolazy() ---

void no_lazy_2021::user_to_kernel(rq &rq, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	next.active_mm.store(init_mm());
	membarrier().switch_mm(rq, mm, init_mm());
	switch_mm_irqs_off(mm, init_mm());
}

void no_lazy_2021::kernel_to_kernel(rq &rq, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	next.active_mm.store(init_mm());
	membarrier().switch_mm(rq, mm, init_mm());
	switch_mm_irqs_off(mm, init_mm());
	prev.active_mm.store(nullptr);
}

void no_lazy_2021::kernel_to_user(rq &, task_struct &prev, task_struct &next)
{
	switch_mm_irqs_off(prev.active_mm.load(), READ_ONCE(next.mm));
	prev.active_mm.store(nullptr);
}

// --- there are no lazy references ---

void no_lazy_2021::mmgrab_lazy_tlb(mm_ref) {}

/// exec_mmap(), kthread_use_mm(), finish_cpu()
void no_lazy_2021::mmdrop_lazy_tlb(mm_ref, unsigned, const Where &)
{
	smp_mb("mmdrop_lazy_tlb: (E) a full barrier for membarrier, and no more");
}

// --- current loses its mm ---

/// Interrupts off across ->mm, active_mm and the hardware: a flush IPI trusts active_mm, and a
/// preemption in between would be a switch between kernel tasks, from an mm that nobody holds.
void no_lazy::leave_mm()
{
	task_struct &tsk = current_task();
	spin_lock(tsk.alloc_lock);
	smp_mb__after_spinlock("no-lazy: (D1) user accesses before ->mm");
	local_irq_disable();
	mm_ref mm = tsk.active_mm.load();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	tsk.active_mm.store(init_mm());
	switch_mm_irqs_off(mm, init_mm());
	local_irq_enable();
	spin_unlock(tsk.alloc_lock);
	finish_arch_post_lock_switch();
}

void no_lazy::exit_mm()
{
	mm_ref mm = READ_ONCE(current_task().mm);
	if (!mm)
		return;
	leave_mm();
	mmput(mm);
}

void no_lazy::kthread_unuse_mm(mm_ref mm)
{
	leave_mm();
	mmdrop(mm, Holder::use_mm, current_task().slot);
}

REGISTER_SCHEME({
	.name = "no-lazy-2021",
	.from = "Nicholas Piggin, 2021-06-01, [PATCH v3 2/4] lazy tlb: ... configurable; "
		"MMU_LAZY_TLB=n",
	.summary = "kernel tasks run on init_mm, as posted: exit_mm and kthread_unuse_mm not "
		   "converted",
	.expect = Expect::broken,
	.make = make<with_membarrier<no_lazy_2021, membarrier_repaired>>,
	.witness = "LMM1:no-lazy-2021:YCw",
});

REGISTER_SCHEME({
	.name = "no-lazy",
	.from = "Nicholas Piggin, 2021-06-01, [PATCH v3 2/4]; exit_mm and kthread_unuse_mm derived",
	.summary = "no lazy mm: whoever runs kernel code has init_mm loaded; the reference model",
	.expect = Expect::sound,
	.make = make<with_membarrier<no_lazy, membarrier_repaired>>,
	.unsuited = { { ArchKind::deferred, "the hardware leaves the mm when its last user may "
					    "have exited elsewhere" } },
});

} // namespace lazymm::schemes
