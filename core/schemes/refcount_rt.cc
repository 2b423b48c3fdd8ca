// SPDX-License-Identifier: MIT
// refcount-rt: refcount on PREEMPT_RT, where the scheduler frees no mm.
//
// From: Thomas Gleixner, 8d491de6edc2 "sched: Move mmdrop to RCU on RT" (5.16). There __mmdrop()
// takes locks that sleep, and finish_task_switch() drops with preemption off: mmdrop_sched() leaves
// the end of the mm to an RCU callback. Everybody else (exec, use_mm, finish_cpu(), mmput()) calls
// mmdrop() as before.
//
// Per CPU and count equation: as refcount. In the mm: delayed_drop, an rcu_head, queued at most
// once, since mm_count falls to zero once.
//
// Nobody reads under the grace period: call_rcu() is a cheap way to a context that may sleep. RT
// invokes callbacks in a thread (rcuc/N, or ksoftirqd): here a work item, so that the callback does
// not take pgd_lock in a softirq (7283094ec3db).
//
// Ordering: as refcount. The decrement is fully ordered on RT too, and is membarrier's (E).
#include "core/schemes/refcount_rt.h"

#include <cstdint>

#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{
/// mm->delayed_drop: what call_rcu() knows of the mm is one word.
void *to_arg(mm_ref mm)
{
	return reinterpret_cast<void *>(std::uintptr_t{ Shared<mm_ref>::to_word(mm) });
}

void __mmdrop_delayed(void *arg)
{
	schedule_work([](std::uint64_t mm) { __mmdrop(Shared<mm_ref>::from_word(mm)); },
		      reinterpret_cast<std::uintptr_t>(arg));
}
} // namespace

void refcount_rt::mmdrop_lazy_tlb_sched(mm_ref mm, unsigned cpu, const Where &where)
{
	if (mm_count_dec_and_test(mm, Holder::lazy, cpu, LAZYMM_SITE("mmdrop_sched: mm_count", rmw),
				  where))
		call_rcu(__mmdrop_delayed, to_arg(mm), "__mmdrop_delayed");
}

REGISTER_SCHEME({
	.name = "refcount-rt",
	.from = "mainline 5.16, PREEMPT_RT (8d491de6edc2)",
	.summary = "refcount; what the scheduler drops last an RCU callback frees",
	.expect = Expect::sound,
	.make = make<with_membarrier<refcount_rt, membarrier_repaired>>,
});

} // namespace lazymm::schemes
