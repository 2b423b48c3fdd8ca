// SPDX-License-Identifier: MIT
// pte-defer-call-rcu: the mm_struct itself goes by call_rcu(), behind those of its page tables.
//
// From: Hugh Dickins, 2023-06-14, in reply to [PATCH 07/12]: "the best thing would be to modify
// kernel/fork.c to allow the architecture to override free_mm(), and arch/s390 call_rcu to free
// mm". Answered by Jason Gunthorpe, 2023-06-15: "RCU callbacks are not ordered" (checklist.rst).
//
// Broken: the mm's callback may be invoked before that of a table that was deferred earlier.
#include "core/schemes/pte_defer/pte_defer.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

class pte_defer_call_rcu : public pte_halves
{
public:
	void free_mm(mm_ref mm) override { free_mm_rcu(mm); }
};

REGISTER_SCHEME({
	.name = "pte-defer-call-rcu",
	.from = "Hugh Dickins, 2023-06-14, reply to [PATCH 07/12]; Jason Gunthorpe, 2023-06-15",
	.summary = "s390 page tables: the mm is freed by call_rcu(), which is not ordered",
	.expect = Expect::broken,
	.make = make<pte_defer_call_rcu>,
	.witness = "LMM1:pte-defer-call-rcu:YNww3DEo_SA",
	.ops = "tables",
});

} // namespace
} // namespace lazymm::schemes
