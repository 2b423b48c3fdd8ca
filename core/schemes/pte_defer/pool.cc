// SPDX-License-Identifier: MIT
// pte-defer-pool: the fragments that can be had are no mm's but a CPU's.
//
// From: Jason Gunthorpe, 2023-06-15, in reply to [PATCH 07/12]: "Making the page frag pool global
// (per-cpu global I guess) would also remove the need to reach back to the freeable mm_struct".
// Hugh Dickins, the same day: page tables are charged to memcgs and counted; "if the fragments are
// all lumped into a global pool, we lose that".
//
// A page belongs for good to the pool of the CPU that allocated it, and goes back there whoever
// frees it. No page->pt_mm. Halves take turns with the rcu_head as in version 2. Pools of CPUs that
// are down keep what they have: anybody may take their locks.
#include "core/schemes/pte_defer/pte_defer.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

class pte_defer_pool : public pte_halves
{
public:
	void reset() override
	{
		for (pgtable_list &pool : pools_) {
			spin_lock_init(pool.lock);
			pool.init({});
		}
	}

	fragment page_table_alloc(mm_ref) override
	{
		// Whichever CPU this is: the task may be on another one when it has the lock.
		pgtable_list &pool = pools_[smp_processor_id()];
		spin_lock_bh(pool.lock);
		ptdesc *page = pool.first();
		fragment table;
		if (page) {
			unsigned half = bits(*page) & kAllocated ? 1 : 0;
			change(*page, 0, kAllocated << half);
			list_del_init(*page);
			table = { int(kernel::kernel().tables.number_of(*page)), half };
		}
		spin_unlock_bh(pool.lock);
		if (table || !(table = new_page({})))
			return table;
		home_[table.page] = &pool;
		spin_lock_bh(pool.lock);
		pool.add(page_of(table));
		spin_unlock_bh(pool.lock);
		return table;
	}

protected:
	pgtable_list &list(mm_ref, ptdesc *page) override
	{
		return *home_[kernel::kernel().tables.number_of(*page)];
	}
	spinlock &lock(mm_ref mm, ptdesc *page) override { return list(mm, page).lock; }

private:
	pgtable_list pools_[kMaxCpus];
	pgtable_list *home_[pte_tables::kPages] = {}; ///< set before anybody knows the page
};

REGISTER_SCHEME({
	.name = "pte-defer-pool",
	.from = "Jason Gunthorpe, 2023-06-15, reply to [PATCH 07/12]",
	.summary = "s390 page tables: pools of fragments per CPU, no way back to the mm",
	.expect = Expect::sound,
	.make = make<pte_defer_pool>,
	.ops = "tables",
});

} // namespace
} // namespace lazymm::schemes
