// SPDX-License-Identifier: MIT
// pte-defer-waterfall: no rcu_head in page tables. Fragments are threaded, by a naked next pointer
// each, onto lists of the CPU that frees them, and one rcu_head per CPU serves a whole list.
//
// From: Jason Gunthorpe, 2023-06-15, in reply to [PATCH 07/12]: "thread the free'd frags onto a
// waterfall of global per-cpu lists: RCU free the next cycle, RCU free this cycle, actually free.
// Where a single rcu_head and single call_rcu frees the entire 2nd list to the 3rd list and then
// schedules the 1st list to be RCU'd next". A sketch; what happens to the lists of a CPU that goes
// down is ours, and so is that a page goes back when both of its halves are on one CPU's list.
//
//   pte_free_defer() --> NEXT --> CUR --(grace period)--> FREE --> page_table_alloc()
//
// Everything under the per-CPU lock. Nothing is added to CUR once its call_rcu() is made: it would
// wait for less than a grace period. The rcu_head is queued if and only if CUR is not empty.
#include "core/schemes/pte_defer/waterfall.h"

#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{
std::uint32_t bit_of(fragment table)
{
	return 1u << (table.page * 2 + int(table.half));
}
} // namespace

void pte_defer_waterfall::reset()
{
	for (unsigned cpu = 0; cpu < kMaxCpus; cpu++) {
		waterfall &w = per_cpu_[cpu];
		w.owner.number = int(cpu);
		spin_lock_init(w.lock);
		w.next.init(0);
		w.cur.init(0);
		w.free.init(0);
		w.queued = false;
	}
}

fragment pte_defer_waterfall::page_table_alloc(mm_ref)
{
	fragment table;
	waterfall &w = mine();
	spin_lock_bh(w.lock);
	if (std::uint32_t free = w.free.load()) {
		unsigned n = unsigned(__builtin_ctz(free));
		w.free.store(free & (free - 1));
		table = { int(n / 2), n % 2 };
	} else if ((table = new_page({}))) {
		w.free.store(bit_of({ table.page, 1 }));
	}
	spin_unlock_bh(w.lock);
	return table;
}

void pte_defer_waterfall::page_table_free(mm_ref, fragment table)
{
	waterfall &w = mine();
	spin_lock_bh(w.lock);
	give(w, bit_of(table));
	spin_unlock_bh(w.lock);
}

void pte_defer_waterfall::pte_free_defer(mm_ref, fragment table)
{
	waterfall &w = mine();
	spin_lock_bh(w.lock);
	collect(w, bit_of(table));
	spin_unlock_bh(w.lock);
}

void pte_defer_waterfall::collect(waterfall &w, std::uint32_t fragments)
{
	w.next.store(w.next.load() | fragments);
	if (!w.cur.load())
		turn(w);
}

void pte_defer_waterfall::turn(waterfall &w)
{
	std::uint32_t next = w.next.load();
	w.cur.store(next);
	w.next.store(0);
	if (next)
		queue(w);
}

void pte_defer_waterfall::queue(waterfall &w)
{
	BUG_ON(w.queued, "call_rcu: the waterfall's rcu_head is queued already");
	if (w.queued)
		return;
	w.queued = true;
	kernel::call_rcu(rcu_done, &w, "waterfall");
}

void pte_defer_waterfall::rcu_done(void *arg)
{
	auto &w = *static_cast<waterfall *>(arg);
	w.queued = false;
	spin_lock_bh(w.lock);
	give(w, w.cur.load());
	static_cast<pte_defer_waterfall &>(kernel::kernel().scheme()).turn(w);
	spin_unlock_bh(w.lock);
}

void pte_defer_waterfall::give(waterfall &w, std::uint32_t fragments)
{
	pte_tables &tables = kernel::kernel().tables;
	std::uint32_t free = w.free.load() | fragments;
	for (unsigned i = 0; i < pte_tables::kPages; i++) {
		for (unsigned half : { 0, 1 })
			if (fragments >> (i * 2 + half) & 1)
				pte_tables::end(tables.page(i), half);
		if ((free >> i * 2 & 3) == 3) {
			free &= ~(3u << i * 2);
			tables.free_page(tables.page(i));
		}
	}
	w.free.store(free);
}

/// The lists of the dead CPU go to this one. What is in CUR stays with its rcu_head, which fires on
/// whatever CPU takes the callbacks over, and then lies in FREE until the CPU comes back.
void pte_defer_waterfall::finish_cpu(unsigned cpu)
{
	pte_defer::finish_cpu(cpu);
	waterfall &dead = per_cpu_[cpu];
	spin_lock_bh(dead.lock);
	std::uint32_t next = dead.next.load(), free = dead.free.load();
	dead.next.store(0);
	dead.free.store(0);
	spin_unlock_bh(dead.lock);
	waterfall &w = mine();
	spin_lock_bh(w.lock);
	give(w, free);
	if (next)
		collect(w, next);
	spin_unlock_bh(w.lock);
}

REGISTER_SCHEME({
	.name = "pte-defer-waterfall",
	.from = "Jason Gunthorpe, 2023-06-15, reply to [PATCH 07/12]",
	.summary = "s390 page tables: three lists and one rcu_head per CPU, none in the tables",
	.expect = Expect::sound,
	.make = make<pte_defer_waterfall>,
	.ops = "tables",
});

} // namespace lazymm::schemes
