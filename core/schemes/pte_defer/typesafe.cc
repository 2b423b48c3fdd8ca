// SPDX-License-Identifier: MIT
// pte-defer-typesafe: mm_structs come from a SLAB_TYPESAFE_BY_RCU cache. Nobody holds the mm for a
// deferred table; its callback looks whether it is still there.
//
// From: Hugh Dickins and Jason Gunthorpe, 2023-06-14 and 15, in reply to [PATCH 07/12]: "there's no
// problem when the stored mm gets re-used for a different mm, once past its spin_lock_init()", and
// "you cannot reinitialize the structure on each kmem_cache_alloc(), in particular the spinlocks of
// the new allocation may have to serve a tail of use from a previous allocation at the same
// address". Rules: the comment on SLAB_TYPESAFE_BY_RCU in include/linux/slab.h (6.12).
//
//   callback (BH off: an RCU reader)            exit_mmap()           kmem_cache_alloc()
//   other half allocated? then the mm is alive,
//     and its memory stays an mm_struct for us
//                                               frees the other half,
//                                               __mmdrop()
//   lock pt_mm->context.lock                                          another mm; the lock is
//   other half allocated? then it is that mm,                         not initialised
//     and the lock keeps it
#include "core/schemes/pte_defer/typesafe.h"

#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

void pte_defer_typesafe::init_new_context(mm_ref mm)
{
	mm_struct &m = *mm.unchecked();
	if (mm.generation() == 1) // the constructor of the cache
		spin_lock_init(m.context.lock);
	m.context.init(mm);
}

bool pte_defer_typesafe::still_ours(ptdesc &page, unsigned other)
{
	return bits(page) & kAllocated << other;
}

void pte_defer_typesafe::pte_free_now(ptdesc &page, unsigned half)
{
	unsigned other = half ^ 1;
	if (bits(page) & kAllocated << other) {
		mm_struct &mm = kernel::kernel().typesafe(READ_ONCE(page.pt_mm));
		spin_lock_bh(mm.context.lock);
		bool ours = still_ours(page, other);
		if (ours)
			half_done(page, half);
		spin_unlock_bh(mm.context.lock);
		if (ours)
			return;
	}
	// The page is on no list, and no half of it can be had or freed: nobody else is at it.
	half_done(page, half);
}

REGISTER_SCHEME({
	.name = "pte-defer-typesafe",
	.from = "Hugh Dickins, 2023-06-15, reply to [PATCH 07/12] (SLAB_TYPESAFE_BY_RCU)",
	.summary =
		"s390 page tables: mm_structs are type-stable, callbacks look again under the lock",
	.expect = Expect::sound,
	.make = make<pte_defer_typesafe>,
	.ops = "tables",
});

} // namespace lazymm::schemes
