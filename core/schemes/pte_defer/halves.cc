// SPDX-License-Identifier: MIT
// Pages and their two halves after version 2 of the series: how a table is allocated and freed, and
// what happens when its grace period is over.
//
// From: Hugh Dickins, 2023-06-20, [PATCH v2 07/12] "s390: add pte_free_defer() for pgtables sharing
// page" (a722dbec-bd9e-1213-1edd-53cd547aa4f@google.com).
//
//   the page is on the list  <=>  one half is allocated, the other one neither that nor pending
//   page->rcu_head is in use <=>  a half is pending and does not wait
//
// Everything under the lock; RMWs on the bits are for those who look without it.
#include "core/schemes/pte_defer/pte_defer.h"

namespace lazymm::schemes
{
using namespace kernel;

pgtable_list &pte_halves::list(mm_ref mm, ptdesc *)
{
	return mm->context;
}

spinlock &pte_halves::lock(mm_ref mm, ptdesc *)
{
	return mm->context.lock;
}

fragment pte_halves::page_table_alloc(mm_ref mm)
{
	fragment table;
	pgtable_list &pages = list(mm, nullptr);
	spinlock &lock = this->lock(mm, nullptr);
	spin_lock_bh(lock);
	if (ptdesc *page = pages.first()) {
		unsigned half = bits(*page) & kAllocated ? 1 : 0;
		change(*page, 0, kAllocated << half);
		list_del_init(*page);
		table = { int(kernel::kernel().tables.number_of(*page)), half };
	}
	spin_unlock_bh(lock);
	if (table || !(table = new_page(mm)))
		return table;
	spin_lock_bh(lock);
	pages.add(page_of(table));
	spin_unlock_bh(lock);
	return table;
}

void pte_halves::page_table_free(mm_ref mm, fragment table)
{
	ptdesc &page = page_of(table);
	unsigned other = table.half ^ 1;
	spinlock &lock = this->lock(mm, &page);
	spin_lock_bh(lock);
	pte_tables::end(page, table.half);
	unsigned mask = change(page, kAllocated << table.half, 0);
	if (mask & kAllocated << other)
		list(mm, &page).add(page);
	else if (!mask)
		list_del_init(page);
	spin_unlock_bh(lock);
	// Else the other half's callback will find us free.
	if (!mask)
		kernel::kernel().tables.free_page(page);
}

void pte_halves::pte_free_defer(mm_ref mm, fragment table)
{
	ptdesc &page = page_of(table);
	unsigned other = table.half ^ 1;
	spinlock &lock = this->lock(mm, &page);
	spin_lock_bh(lock);
	WRITE_ONCE(page.pt_mm, mm);
	// One RMW: who looks without the lock does not see a half that is pending for nobody.
	bool busy = bits(page) & kPending << other, waits = busy && takes_turns();
	change(page, kAllocated << table.half, (kPending | (waits ? kWaits : 0)) << table.half);
	if (!busy)
		unlink(page);
	if (!waits)
		queue(page, table.half);
	spin_unlock_bh(lock);
}

void pte_halves::queue(ptdesc &page, unsigned half)
{
	auto scheme = []() -> pte_halves & {
		return static_cast<pte_halves &>(kernel::kernel().scheme());
	};
	static constexpr auto get = scheme;
	void (*const fn[])(ptdesc &) = { [](ptdesc &page) { get().pte_free_now(page, 0); },
					 [](ptdesc &page) { get().pte_free_now(page, 1); } };
	call_rcu(page, fn[half], half ? "pte_free_now1" : "pte_free_now0");
}

void pte_halves::pte_free_now(ptdesc &page, unsigned half)
{
	mm_ref mm = READ_ONCE(page.pt_mm);
	spinlock &lock = this->lock(mm, &page);
	spin_lock_bh(lock);
	half_done(page, half);
	spin_unlock_bh(lock);
}

void pte_halves::half_done(ptdesc &page, unsigned half)
{
	unsigned other = half ^ 1;
	pte_tables::end(page, half);
	unsigned mask = change(page, kPending << half, 0);
	if (mask & kWaits << other) {
		change(page, kWaits << other, 0);
		queue(page, other);
	} else if (mask & kAllocated << other) {
		// Whoever has the other half keeps its mm alive.
		list(READ_ONCE(page.pt_mm), &page).add(page);
	} else {
		kernel::kernel().tables.free_page(page);
	}
}

} // namespace lazymm::schemes
