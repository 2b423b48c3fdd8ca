// SPDX-License-Identifier: MIT
// shootdown: a lazy CPU owns nothing; who frees the mm first makes all lazy CPUs leave it.
//
// From: Nicholas Piggin, 2020-07 .. 2023; merged in 6.4 as CONFIG_MMU_LAZY_TLB_SHOOTDOWN
// (2655421ae69f), selected by powerpc 64s (77f68ebeee20). Hot-unplug is 6.14's, H3 (21641bd9a7a7
// "lazy tlb: fix hotplug exit race with MMU_LAZY_TLB_SHOOTDOWN"). The other steps are Linux 6.12's
// common skeleton.
//
// Per CPU: nothing. rq->prev_mm may dangle once interrupts are on in finish_task_switch(): it is
// only compared.
//
//   mm_count = [mm_users > 0] + explicit pins
//
// When mm_count is zero no CPU can become lazy on the mm any more: that takes a task that uses it.
// An IPI goes to every CPU of mm_cpumask, this one included, which may be lazy on it since
// exit_mm(). What that leans on (arch/Kconfig has the first two, the others follow):
//   - every CPU that is lazy on the mm is in its mm_cpumask;
//   - all lazy users go through the two helpers;
//   - active_mm and the hardware change together, with interrupts off: a handler in between would
//     find another active_mm and leave the hardware as it is (ARCH_WANT_IRQS_OFF_ACTIVATE_MM);
//   - a CPU leaves the mm before it leaves the online mask (H3);
//   - __mmdrop() runs in a task, with interrupts on: two CPUs may shoot at each other.
//
// Ordering: the IPI's acknowledgement orders a CPU's last use of the page tables before the free
// (O9). The smp_mb() that is left of mmdrop() is membarrier's (O1).
#include "core/schemes/shootdown.h"

#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

void shootdown::mmdrop_lazy_tlb(mm_ref, unsigned, const Where &)
{
	smp_mb("mmdrop_lazy_tlb: (E) rq->curr and ->mm before user accesses");
}

// --- last reference gone ---

void shootdown::cleanup_lazy_tlbs(mm_ref mm)
{
	// Also holds off stop_machine(): nobody leaves the online mask meanwhile.
	preempt_disable();
	shoot(lazy_cpus(mm), mm);
	if (debug_vm_shoot_lazies_)
		on_each_cpu_mask(cpu_online_mask(), do_check_lazy_tlb, &mm, "check lazy TLB");
	preempt_enable();
}

std::uint32_t shootdown::lazy_cpus(mm_ref mm)
{
	return READ_ONCE(mm->mm_cpumask) & cpu_online_mask();
}

void shootdown::shoot(std::uint32_t cpus, mm_ref mm)
{
	on_each_cpu_mask(cpus, do_shoot_lazy_tlb, &mm, "shoot lazy TLB");
}

void shootdown::do_shoot_lazy_tlb(void *arg)
{
	mm_ref mm = *static_cast<mm_ref *>(arg);
	task_struct &tsk = current_task();
	if (!(tsk.active_mm.load() == mm))
		return;
	WARN_ON(bool(READ_ONCE(tsk.mm)), "do_shoot_lazy_tlb: current->mm");
	tsk.active_mm.store(init_mm());
	switch_mm(mm, init_mm());
}

void shootdown::do_check_lazy_tlb(void *arg)
{
	WARN_ON(current_task().active_mm.load() == *static_cast<mm_ref *>(arg),
		"do_check_lazy_tlb: mm == current->active_mm");
}

REGISTER_SCHEME({
	.name = "shootdown",
	.from = "mainline 6.4, MMU_LAZY_TLB_SHOOTDOWN (2655421ae69f); hot-unplug 21641bd9a7a7 (H3)",
	.summary = "lazy CPUs are not counted; __mmdrop() makes those in mm_cpumask leave by IPI",
	.expect = Expect::sound,
	.make = make<with_membarrier<shootdown, membarrier_repaired>>,
	.unsuited = { { ArchKind::x86, "the flush that goes with freed tables takes lazy CPUs out "
				       "of mm_cpumask, and leaves active_mm" },
		      { ArchKind::deferred, "the handler does without "
					    "finish_arch_post_lock_switch()" },
		      { ArchKind::broadcast, "no ARCH_WANT_IRQS_OFF_ACTIVATE_MM: an exec is shot "
					     "at half way" } },
});

} // namespace lazymm::schemes
