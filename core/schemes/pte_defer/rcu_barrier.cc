// SPDX-License-Identifier: MIT
// pte-defer-rcu-barrier: mmdrop() waits for all callbacks that are queued before the mm is freed.
//
// From: Jason Gunthorpe, 2023-06-15, in reply to [PATCH 07/12]: "rcu_barrier() followed by call_rcu
// on the mm struct might work, but I don't know the cost".
//
// It would, if each table had an rcu_head. With version 2's pages it does not: the callback of one
// half queues that of the other one, and rcu_barrier() waits for what was queued before it
// (rcubarrier.rst: callbacks that queue themselves again have to be stopped first). The mm's own
// call_rcu() is not ordered behind that. Hence pte-defer-rcu-barrier-twice: a page has two halves,
// and nothing is deferred once exit_mmap() is over, so two barriers have seen everything.
//
// The last reference may be dropped by finish_cpu() (H1) or sched_force_init_mm() (H3) while
// cpus_write_lock is held by whoever takes the CPU down. rcu_barrier() took cpus_read_lock() until
// 5.17 and would deadlock there (Pavan Kondeti, 2022-07-27); 80b3fd474c91 (5.18) ended that, a year
// before this was proposed.
#include "core/schemes/pte_defer/rcu_barrier.h"

#include "core/schemes/registry.h"

namespace lazymm::schemes
{

namespace
{

class pte_defer_rcu_barrier : public pte_sleeping_free
{
	void wait_and_free(kernel::mm_ref mm) override
	{
		kernel::rcu_barrier_5_18();
		free_mm_rcu(mm);
	}
};

REGISTER_SCHEME({
	.name = "pte-defer-rcu-barrier",
	.from = "Jason Gunthorpe, 2023-06-15, reply to [PATCH 07/12]",
	.summary = "s390 page tables: mmdrop() waits for queued callbacks, which queue others",
	.expect = Expect::broken,
	.make = make<pte_defer_rcu_barrier>,
	.witness = "LMM1:pte-defer-rcu-barrier:YNww3DDcMdwxKP0o",
	.ops = "tables",
});

} // namespace

void pte_defer_rcu_barrier_twice::wait_and_free(kernel::mm_ref mm)
{
	kernel::rcu_barrier_5_18();
	kernel::rcu_barrier_5_18();
	kernel::kernel().free_mm(mm);
}

REGISTER_SCHEME({
	.name = "pte-defer-rcu-barrier-twice",
	.from = "pte-defer-rcu-barrier repaired; 5.18's rcu_barrier() (80b3fd474c91)",
	.summary = "s390 page tables: mmdrop() waits for callbacks, and for those that they queue",
	.expect = Expect::sound,
	.make = make<pte_defer_rcu_barrier_twice>,
	.ops = "tables",
});

} // namespace lazymm::schemes
