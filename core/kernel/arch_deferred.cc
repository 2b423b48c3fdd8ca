// SPDX-License-Identifier: MIT
// deferred: switch_mm() touches no register that costs time; the hardware follows in
// finish_arch_post_lock_switch(), with interrupts on.
//
// From: arm without address space numbers (arch/arm/include/asm/mmu_context.h, Linux 6.12), where
// "the old mm will remain valid until the finish_arch_post_lock_switch() call", and s390
// (arch/s390/include/asm/mmu_context.h), which leaves the old one at once and takes the new one
// late. arm's way is for a single CPU: on more, a user task that was switched away from may exit
// elsewhere and take its mm with it while this CPU has it loaded, whatever the scheme. So here a
// switch to a user's mm is s390's. A switch to init_mm is arm's: who calls switch_mm() for it and
// forgets finish_arch_post_lock_switch() has switched nothing. Interrupts are off across
// activate_mm(), other than on those two: one thing at a time.
#include "core/kernel/arch_deferred.h"

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

void ArchDeferred::reset(Kernel &)
{
	for (mm_ref &mm : pending_)
		mm = {};
}

void ArchDeferred::switch_mm_irqs_off(mm_ref, mm_ref next)
{
	mm_ref &pending = pending_[smp_processor_id()];
	if (is_loaded(next)) {
		pending = {};
		return;
	}
	pending = next;
	if (next == init_mm())
		return;
	std::uint32_t self = 1u << smp_processor_id();
	if (!(READ_ONCE(next->mm_cpumask) & self))
		set_mm_cpumask(next, LAZYMM_SITE("switch_mm: mm_cpumask before translations", rmw));
	if (!is_loaded(init_mm()))
		load_pgd(init_mm());
}

void ArchDeferred::finish_arch_post_lock_switch()
{
	if (!pending_[smp_processor_id()])
		return;
	bool off = this_cpu().irqs_off;
	if (!off)
		local_irq_disable();
	// Who was preempted before finds that it is done.
	mm_ref &pending = pending_[smp_processor_id()];
	if (pending) {
		if (!has_context(this_rq(), pending))
			drop_context(this_rq(), pending);
		load_pgd(pending);
		pending = {};
	}
	if (!off)
		local_irq_enable();
}

/// active_mm is ahead of the hardware here: the flush is mm's own, loaded or not.
void ArchDeferred::flush_tlb_mm(mm_ref mm)
{
	flush_by_ipi(mm, [](mm_ref mm) {
		drop_context(this_rq(), mm);
		kernel().emit({ .kind = EventKind::tlb, .mm = mm, .value = 0 });
	});
}

} // namespace lazymm::kernel
