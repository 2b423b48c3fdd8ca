// SPDX-License-Identifier: MIT
// mmput-shoot: a lazy use of an mm requires mm_users > 0. The last mmput flushes TLBs anyway, and
// the flush makes lazy CPUs leave.
//
// From: Linus Torvalds, 2022-01-08, in answer to Andy Lutomirski's LAZY_MM (lazymm-2022): a rule,
// not a patch. What it needs around it is the skeleton of 6.4 with MMU_LAZY_TLB_REFCOUNT=n, and
// context_switch() with the barrier of Nicholas Piggin, 2021-06-01, [PATCH v3 2/4] "lazy tlb: allow
// lazy tlb mm switching to be configurable".
//
// Per CPU: nothing. There are no lazy references, and no rq->prev_mm.
//
// The rule wants three things of the flush (schemes.md 9c): that it happens, even if nothing is
// mapped; that it reaches lazy CPUs; and that it runs code there, which clears active_mm. Here it
// is an IPI to all of mm_cpumask and the caller. Where it is a hypercall or a broadcast, nobody
// leaves: na-paravirt-flush-skips, and --arch broadcast or powerpc. A CPU on its way down left
// before (H3).
//
// Where an ordinary flush makes a lazy CPU leave (x86), active_mm goes with it.
//
// The flush goes with the freeing of page tables, behind their being unlinked: before_exit_mmap()
// here, whose exit_mmap() frees.
//
// Ordering: (E) and the core sync are explicit in context_switch(), kthread_use_mm() has (E1) from
// mmdrop_lazy_tlb(). The last use of the page tables before the free: the IPI (O9).
#include "core/schemes/mmput_shoot.h"

#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

// user -> kernel, kernel -> kernel: active_mm is handed on, nothing is counted.

// --- kernel -> user ---

void mmput_shoot::kernel_to_user(rq &, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	mm_ref next_mm = READ_ONCE(next.mm);
	switch_mm_irqs_off(mm, next_mm);
	prev.active_mm.store(nullptr);
	// No rq->prev_mm, so no mmdrop_lazy_tlb() in finish_task_switch(): do it here.
	smp_mb("context_switch: (E) rq->curr before user accesses");
	if (mm == next_mm && atomic_read(next_mm->membarrier_state) & membarrier_state::sync_core)
		core_serialised();
}

// --- last user gone ---

void mmput_shoot::before_exit_mmap(mm_ref mm)
{
	// exit_mmap()'s is all that there is, and nobody hears of it.
	if (!kernel::kernel().arch().flushes_by_ipi())
		return;
	// No CPU goes down between the look at the mask and the IPI.
	preempt_disable();
	std::uint32_t self = 1u << smp_processor_id();
	flush_tlb_mm(mm, (READ_ONCE(mm->mm_cpumask) | self) & cpu_online_mask());
	preempt_enable();
}

void mmput_shoot::flush_tlb_mm(mm_ref mm, std::uint32_t mask)
{
	on_each_cpu_mask(
		mask, [](void *arg) { flush_tlb_func(*static_cast<mm_ref *>(arg)); }, &mm,
		"flush TLB, last user");
}

/// x86's other flushes make a lazy CPU leave, too, and take it out of mm_cpumask, where the last
/// one looks: it has to be gone for good.
void mmput_shoot::lazy_flush_loads_init_mm()
{
	task_struct &tsk = current_task();
	tsk.active_mm.store(init_mm());
	switch_mm_irqs_off({}, init_mm());
}

/// Nobody's ->mm is mm any more, and leaving it is no more work than flushing it.
void mmput_shoot::flush_tlb_func(mm_ref mm)
{
	task_struct &tsk = current_task();
	if (!(tsk.active_mm.load() == mm))
		return;
	WARN_ON(bool(READ_ONCE(tsk.mm)), "flush_tlb_func: mm_users is 0, current->mm is not NULL");
	tsk.active_mm.store(init_mm());
	switch_mm_irqs_off(mm, init_mm());
	finish_arch_post_lock_switch();
}

// --- there are no lazy references ---

void mmput_shoot::mmgrab_lazy_tlb(mm_ref) {}

/// exec_mmap(), kthread_use_mm(), sched_force_init_mm(), finish_cpu()
void mmput_shoot::mmdrop_lazy_tlb(mm_ref, unsigned, const Where &)
{
	smp_mb("mmdrop_lazy_tlb: (E1) ->mm before user accesses");
}

REGISTER_SCHEME({
	.name = "mmput-shoot",
	.from = "Linus Torvalds, 2022-01-08: lazy use requires mm_users > 0; barrier of Piggin, "
		"2021-06-01",
	.summary = "the TLB flush of the last mmput makes lazy CPUs leave; nothing counted; with "
		   "H3",
	.expect = Expect::sound,
	.make = make<with_membarrier<mmput_shoot, membarrier_repaired>>,
	.unsuited = { { ArchKind::x86,
			"switch_mm() leaves mm_cpumask before it writes CR3: a CPU in "
			"between does not hear of the flush" },
		      { ArchKind::broadcast, "a flush runs no code on the CPUs that are lazy" },
		      { ArchKind::powerpc, "a flush runs no code on the CPUs that are lazy" } },
});

} // namespace lazymm::schemes
