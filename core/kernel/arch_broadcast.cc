// SPDX-License-Identifier: MIT
// broadcast: TLBs are flushed by an instruction that reaches all CPUs' at once. No IPI is sent, no
// code runs on the other CPUs: what a scheme would like to hang on a flush does not happen.
//
// From: arm64 (__flush_tlb_mm(): DSB, TLBI ASIDE1IS, DSB), and x86 with INVLPGB. Differs from
// arm64, which keeps no mm_cpumask: as with INVLPGB, a CPU is in it from its first switch on.
#include "core/kernel/arch_broadcast.h"

#include "core/kernel/kernel.h"
#include "core/machine/tsan.h"

namespace lazymm::kernel
{

void ArchBroadcast::tlbi(mm_ref mm)
{
	smp_mb("flush: (O8) pte before TLBI");
	{
		// Other CPUs' TLBs: hardware races with nobody.
		machine::tsan::Ignore ignore;
		for (unsigned i = 0; i < kernel().config().cpus; i++)
			if (has_context(kernel().cpu_rq(i), mm))
				drop_context(kernel().cpu_rq(i), mm);
	}
	kernel().emit({ .kind = EventKind::tlb, .mm = mm, .value = 0 });
	smp_mb("flush: TLBI before the page is free");
}

void ArchBroadcast::flush_tlb_mm(mm_ref mm)
{
	tlbi(mm);
}

void ArchBroadcast::flush_freed_tables(mm_ref mm)
{
	tlbi(mm);
}

} // namespace lazymm::kernel
