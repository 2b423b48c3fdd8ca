// SPDX-License-Identifier: MIT
// pte-defer-global-lock: the second version. One lock for the lists of all mms.
//
// From: Hugh Dickins, 2023-06-20, [PATCH v2 07/12] "s390: add pte_free_defer() for pgtables sharing
// page" (a722dbec-bd9e-1213-1edd-53cd547aa4f@google.com); announced on 06-15 as "a global spinlock:
// to be replaced before reaching an actual release".
//
// The callback follows page->pt_mm only if the other half is allocated. exit_mmap() frees that half
// under the same lock before the mm can go; mm->context.lock would not do, since the mm could go
// between the check and the lock.
#include "core/schemes/pte_defer/global_lock.h"

#include "core/schemes/registry.h"

namespace lazymm::schemes
{

REGISTER_SCHEME({
	.name = "pte-defer-global-lock",
	.from = "Hugh Dickins, 2023-06-20, [PATCH v2 07/12] a722dbec-bd9e-1213-1edd-53cd547aa4f",
	.summary = "s390 page tables: halves take turns with the rcu_head, one lock for all mms",
	.expect = Expect::sound,
	.make = make<pte_defer_global_lock>,
	.ops = "tables",
});

} // namespace lazymm::schemes
