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
	/// of the second: the same value, on a cid that a thread has got anew meanwhile.
	bool serialises_cid_work() const override { return false; }
};
} // namespace

REGISTER_SCHEME({
	.name = "linux-6.12",
	.from = "mainline 6.12: kernel/sched/membarrier.c, membarrier_switch_mm(); 618758ed3a4f",
	.summary = "refcount with 6.12's own membarrier(2), which leaves out running threads",
	.expect = Expect::broken,
	.make = make<linux_6_12>,
});

} // namespace lazymm::schemes
