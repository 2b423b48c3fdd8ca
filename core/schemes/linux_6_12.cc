// SPDX-License-Identifier: MIT
// linux-6.12: refcount with membarrier(2) as Linux 6.12 has it. The promise that it breaks, and
// what closes the gaps in the other schemes, is in membarrier_repaired.h.
#include "core/schemes/refcount.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{

namespace
{
class linux_6_12 : public refcount
{
	/// mm->mm_cid_next_scan admits a second scan 100 ms after the first began. One that is
	/// preempted for longer between its look at rq->curr and its cmpxchg meets the lazy mark
	/// of the second: the same value, on a cid that a thread has got anew meanwhile. The
	/// repair: one at a time.
	///
	/// "If current->mm is unchanged, no barrier is needed": but a kernel thread that uses the
	/// mm has no cid, and leaves the CPU to a thread that has. On x86, where
	/// smp_mb__after_switch_mm() is empty and an unchanged mm means no CR3 write, nothing is
	/// between the store to rq->curr and the load of pcpu_cid. The repair: a barrier.
	bool repairs_mm_cid() const override { return false; }
};
} // namespace

REGISTER_SCHEME({
	.name = "linux-6.12",
	.from = "mainline 6.12: kernel/sched/membarrier.c, membarrier_switch_mm(); 618758ed3a4f",
	.summary = "refcount with 6.12's own membarrier(2), which leaves out running threads",
	.expect = Expect::broken,
	.make = make<linux_6_12>,
	.witness = "LMM1:linux-6.12:AGBk3B7hEtwTBS0J",
});

} // namespace lazymm::schemes
