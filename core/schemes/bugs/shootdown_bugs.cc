// SPDX-License-Identifier: MIT
// Planted bugs of shootdown.
#include "core/kernel/arch_generic.h"
#include "core/schemes/bugs/on_arch.h"
#include "core/schemes/registry.h"
#include "core/schemes/shootdown.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

// --- how it shoots ---

/// smp_call_function_many() for on_each_cpu_mask(): who frees the mm is lazy on it, since
/// exit_mm().
class handler_excludes_self : public shootdown
{
	void shoot(std::uint32_t cpus, mm_ref mm) override
	{
		smp_call_function_many(cpus, do_shoot_lazy_tlb, &mm, "shoot lazy TLB");
	}
};
REGISTER_BUG({ .id = "sd-handler-excludes-self",
	       .scheme = "shootdown",
	       .oracle = "stale-active-mm",
	       .provenance = "plausible: smp_call_function_many() instead of on_each_cpu_mask()",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<handler_excludes_self> });

/// wait = 0: the mm is freed before the others have heard.
class no_wait : public shootdown
{
	void shoot(std::uint32_t cpus, mm_ref mm) override
	{
		// No stack of the caller's: it is gone by then.
		auto handler = [](void *word) {
			mm_ref mm =
				Shared<mm_ref>::from_word(reinterpret_cast<std::uintptr_t>(word));
			do_shoot_lazy_tlb(&mm);
		};
		unsigned self = smp_processor_id();
		void *word =
			reinterpret_cast<void *>(std::uintptr_t{ Shared<mm_ref>::to_word(mm) });
		for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++)
			if (cpu != self && cpus >> cpu & 1)
				this_machine().raise(cpu, handler, word);
		on_each_cpu_mask(cpus & 1u << self, do_shoot_lazy_tlb, &mm, "shoot lazy TLB");
	}
};
REGISTER_BUG({ .id = "sd-no-wait",
	       .scheme = "shootdown",
	       .oracle = "page-table",
	       .provenance = "plausible: on_each_cpu_mask() with wait = 0",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<no_wait> });

/// Shoots with interrupts off: two CPUs that shoot at each other hear nothing. The assertion speaks
/// at the first shot, and long before the deadlock, which `--oracles progress` waits for.
class mmdrop_irqs_off : public shootdown
{
	void shoot(std::uint32_t cpus, mm_ref mm) override
	{
		local_irq_disable();
		shootdown::shoot(cpus, mm);
		local_irq_enable();
	}
};
REGISTER_BUG({ .id = "sd-mmdrop-irqs-off-deadlock",
	       .scheme = "shootdown",
	       .oracle = "context",
	       .provenance = "plausible: the XXX of 7c4bcc0a464c, __mmdrop() with IRQs off; "
			     "kernel/smp.c asserts",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<mmdrop_irqs_off> });

// --- what it leans on ---

/// Without ARCH_WANT_IRQS_OFF_ACTIVATE_MM: active_mm is ahead of the hardware with interrupts on,
/// and the shot finds nothing to do.
class irqs_on_activate_mm : public ArchGeneric
{
	bool irqs_off_activate_mm() const override { return false; }
};
REGISTER_BUG({ .id = "sd-exec-irqs-on-activate",
	       .scheme = "shootdown",
	       .oracle = "page-table",
	       .provenance = "derived: Kconfig does not ask for ARCH_WANT_IRQS_OFF_ACTIVATE_MM",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<on_arch<shootdown, irqs_on_activate_mm>> });

/// A CPU that becomes lazy leaves mm_cpumask, and is not shot at.
class lazy_clears_mask : public shootdown
{
	void mmgrab_lazy_tlb(mm_ref mm) override
	{
		detail::rmw(mm->mm_cpumask, RmwOp::bit_and, ~(1u << smp_processor_id()),
			    Order::relaxed, nullptr);
	}
};
REGISTER_BUG({ .id = "sd-lazy-clears-mask",
	       .scheme = "shootdown",
	       .oracle = "stale-active-mm",
	       .provenance = "plausible: enter_lazy_tlb() clears the CPU from mm_cpumask",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<lazy_clears_mask> });

} // namespace
} // namespace lazymm::schemes
