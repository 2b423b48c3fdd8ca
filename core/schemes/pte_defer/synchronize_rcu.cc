// SPDX-License-Identifier: MIT
// pte-defer-synchronize-rcu: mmdrop() waits for a grace period before it frees the mm.
//
// From: Jason Gunthorpe, 2023-06-15, in reply to [PATCH 07/12]: "synchronize_rcu would do the job
// since it is ordered, but I think the performance cost is too great to just call it from mmdrop".
//
// Broken, too, besides being slow: a grace period that began later has ended later, but that says
// nothing of callbacks, which run when somebody gets to them (rcubarrier.rst).
#include "core/schemes/pte_defer/sleeping_free.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{

namespace
{

class pte_defer_synchronize_rcu : public pte_sleeping_free
{
	void wait_and_free(kernel::mm_ref mm) override
	{
		kernel::synchronize_rcu();
		kernel::kernel().free_mm(mm);
	}
};

REGISTER_SCHEME({
	.name = "pte-defer-synchronize-rcu",
	.from = "Jason Gunthorpe, 2023-06-15, reply to [PATCH 07/12]",
	.summary = "s390 page tables: mmdrop() waits for readers, and not for callbacks",
	.expect = Expect::broken,
	.make = make<pte_defer_synchronize_rcu>,
	.witness = "LMM1:pte-defer-synchronize-rcu:YNww3DEo",
	.ops = "tables",
});

} // namespace
} // namespace lazymm::schemes
