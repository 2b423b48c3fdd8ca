// SPDX-License-Identifier: MIT
// refcount: a lazy CPU owns a reference to the mm.
//
// From: 1999 (Documentation/mm/active_mm.rst); CONFIG_MMU_LAZY_TLB_REFCOUNT since 6.4
// (aa464ba9a1e4, 88e3009b5283). The steps are Linux 6.12's common skeleton as it stands in
// core/kernel; what is the scheme's own is that the two helpers are mmgrab() and mmdrop().
//
// Per CPU: rq->prev_mm, the reference that the stack switch leaves to the next task.
//
//   mm_count = [mm_users > 0] + CPUs that are lazy on it + rq->prev_mm's + explicit pins
//
// Ordering: mmgrab() orders nothing; it need not, the CPU has a reference already (mm_users of the
// task that is switched out). mmdrop() is fully ordered: its release half orders the last use of
// the page tables before the free on whichever CPU drops last, and membarrier leans on the rest
// (O1, O7).
#include "core/schemes/refcount.h"

#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

void refcount::mmgrab_lazy_tlb(mm_ref mm)
{
	mmgrab(mm, Holder::lazy, smp_processor_id());
}

void refcount::mmdrop_lazy_tlb(mm_ref mm, unsigned cpu, const Where &where)
{
	mmdrop(mm, Holder::lazy, cpu, where);
}

REGISTER_SCHEME({
	.name = "refcount",
	.from = "mainline, MMU_LAZY_TLB_REFCOUNT (aa464ba9a1e4, 88e3009b5283)",
	.summary = "a lazy CPU owns one mm_count; H1 as in 6.12; membarrier(2) repaired",
	.expect = Expect::sound,
	.make = make<with_membarrier<refcount, membarrier_repaired>>,
});

} // namespace lazymm::schemes
