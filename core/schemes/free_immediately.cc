// SPDX-License-Identifier: MIT
// free-immediately: no-active-mm, whose CPUs leave an mm before its page tables are freed. On Xen
// PV, where this is so and has to be: page tables are pinned, and the hypervisor does not unpin
// what a vCPU has in its CR3.
//
// From: Andy Lutomirski, 2018-07-19, ARCH_FREE_UNUSED_MM_IMMEDIATELY, "maybe Xen actually has the
// right idea"; and arch/x86/xen/mmu_pv.c, Linux 6.12: xen_exit_mmap(), xen_drop_mm_ref(),
// xen_write_cr3().
//
// Per vCPU, besides is_lazy: loaded_mm, which the kernel decides by; xen_current_cr3, which
// others look at; and what is really loaded. In a context switch the write of CR3 waits in a batch
// of hypercalls until arch_end_context_switch(), interrupts off: until then xen_current_cr3 and
// hardware are behind loaded_mm.
//
// xen_drop_mm_ref() leaves the mm on this CPU, then looks for CPUs by xen_current_cr3, not by
// mm_cpumask nor by loaded_mm, and has them leave it and flush their batch by IPI.
//
// Ordering: as no-active-mm. Who is not found has left: its last use of the page tables comes
// before the store to xen_current_cr3. Xen PV is x86, where stores release and loads acquire; here
// they say so.
#include "core/schemes/free_immediately.h"

#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

free_immediately::free_immediately()
{
	for (unsigned i = 0; i < kMaxCpus; i++)
		vcpus_[i].owner.number = i;
}

void free_immediately::reset()
{
	no_active_mm::reset();
	for (unsigned i = 0; i < kernel::kernel().config().cpus; i++) {
		mm_ref mm = kernel::kernel().cpu_rq(i).loaded_mm.peek();
		vcpus_[i].current_cr3.init(mm);
		vcpus_[i].lazy_cpu = vcpus_[i].cr3_queued = false;
	}
}

// --- CR3 ---

void free_immediately::write_cr3(mm_ref next, bool same)
{
	if (same) {
		no_active_mm::write_cr3(next, same);
		return;
	}
	// x86 sets the bit in mm_cpumask by a LOCKed operation in every switch. Concurrency ids
	// (mm_cid.h, O13) lean on that where they lean on the CR3 write elsewhere, which is late
	// here.
	smp_mb("switch_mm: cpumask_set_cpu(), rq->curr before pcpu_cid");
	this_vcpu().cr3_queued = true;
	if (!this_vcpu().lazy_cpu)
		xen_mc_flush();
}

void free_immediately::xen_mc_flush()
{
	xen_vcpu &vcpu = this_vcpu();
	if (!vcpu.cr3_queued)
		return;
	vcpu.cr3_queued = false;
	mm_ref mm = READ_ONCE(this_tlbstate().loaded_mm);
	no_active_mm::write_cr3(mm, false);
	smp_store_release(vcpu.current_cr3, mm, "set_current_cr3: last use of the old one before");
}

// --- context_switch(), from arch_start_context_switch() to arch_end_context_switch() ---

void free_immediately::kernel_to_user(rq &rq, task_struct &prev, task_struct &next)
{
	this_vcpu().lazy_cpu = true;
	no_active_mm::kernel_to_user(rq, prev, next);
}

void free_immediately::user_to_user(rq &rq, task_struct &prev, task_struct &next)
{
	this_vcpu().lazy_cpu = true;
	no_active_mm::user_to_user(rq, prev, next);
}

/// The stack is next's by now, interrupts are still off.
mm_ref free_immediately::take_prev_mm(rq &)
{
	this_vcpu().lazy_cpu = false;
	xen_mc_flush();
	return {};
}

// --- last user gone ---

void free_immediately::drop_mm_ref_this_cpu(mm_ref mm)
{
	if (READ_ONCE(this_tlbstate().loaded_mm) == mm) {
		WARN_ON(!this_tlbstate().is_lazy.load(), "leave_mm: !is_lazy");
		switch_mm(init_mm());
	}
	if (READ_ONCE(this_vcpu().current_cr3) == mm)
		xen_mc_flush();
}

bool free_immediately::refers_to(unsigned cpu, mm_ref mm)
{
	return smp_load_acquire(vcpus_[cpu].current_cr3, "xen_drop_mm_ref: current_cr3") == mm;
}

/// xen_exit_mmap(): xen_drop_mm_ref()
void free_immediately::before_exit_mmap(mm_ref mm)
{
	struct Drop {
		free_immediately *scheme;
		mm_ref mm;
	} drop{ this, mm };
	auto drop_mm_ref = [](void *arg) {
		auto &drop = *static_cast<Drop *>(arg);
		drop.scheme->drop_mm_ref_this_cpu(drop.mm);
	};
	preempt_disable();
	local_irq_disable();
	drop_mm_ref_this_cpu(mm);
	local_irq_enable();
	std::uint32_t online = cpu_online_mask();
	std::uint32_t mask = 0;
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++)
		if (online >> cpu & 1 && refers_to(cpu, mm))
			mask |= 1u << cpu;
	smp_call_function_many(mask, drop_mm_ref, &drop, "xen_drop_mm_ref");
	preempt_enable();
}

REGISTER_SCHEME({
	.name = "free-immediately",
	.from = "Andy Lutomirski, 2018-07-19, ARCH_FREE_UNUSED_MM_IMMEDIATELY; "
		"arch/x86/xen/mmu_pv.c, 6.12",
	.summary = "no-active-mm on Xen PV: CPUs leave before page tables are freed; CR3 writes "
		   "are batched; with H3",
	.expect = Expect::sound,
	.make = make<with_membarrier<free_immediately, membarrier_repaired>>,
	.unsuited = { { ArchKind::deferred, "xen_drop_mm_ref() is done before the hardware has "
					    "left the mm" } },
});

} // namespace lazymm::schemes
