// SPDX-License-Identifier: MIT
// page_table_alloc() and page_table_free() as they were before the series. After
// arch/s390/mm/pgalloc.c, Linux 6.4. Differs: no pgste, and no page_table_free_rcu(), which is
// exit's (free_pgtables()).
//
// AA: the half is allocated. PP: its free is under way, the page may not go yet. List and lru:
// under mm->context.lock. The bits are changed by fully ordered RMWs: whoever brings them to zero
// has what all others did with the page before.
#include "core/schemes/pte_defer/pte_defer.h"

namespace lazymm::schemes
{
using namespace kernel;

unsigned pte_defer::change(ptdesc &page, unsigned clear, unsigned set, const Where &where)
{
	unsigned old = detail::rmw(page._refcount, RmwOp::add, set - clear, Order::full,
				   &LAZYMM_SITE("page_table_free: bits of _refcount", rmw), where);
	BUG_ON((old & clear) != clear || old & set, "Invalid pgtable bits", where);
	return old + set - clear;
}

fragment pte_defer::new_page(mm_ref mm)
{
	pte_tables &tables = kernel::kernel().tables;
	ptdesc *page = tables.alloc_page();
	if (!page)
		return {};
	page->mm = mm;
	page->_refcount.init(kAllocated);
	return { int(tables.number_of(*page)), 0 };
}

bool pte_defer::atomic()
{
	return this_cpu().preempt_count || this_cpu().irqs_off;
}

void pte_defer::free_mm_rcu(mm_ref mm)
{
	auto free = [](void *arg) {
		Kernel &k = kernel::kernel();
		auto slot = unsigned(reinterpret_cast<std::uintptr_t>(arg));
		k.free_mm(k.ref(k.mm(slot), slot));
	};
	// A slot holds one mm at a time, so its number says enough.
	kernel::call_rcu(free, reinterpret_cast<void *>(std::uintptr_t(mm.slot())), "free_mm");
}

fragment pte_fragments::page_table_alloc(mm_ref mm)
{
	fragment table;
	spin_lock_bh(mm->context.lock);
	if (ptdesc *page = mm->context.first()) {
		unsigned mask = bits(*page);
		mask = (mask | mask >> 4) & 3; // pending halves are not to be had
		if (mask != 3) {
			unsigned half = mask & 1;
			change(*page, 0, kAllocated << half);
			list_del_init(*page);
			table = { int(kernel::kernel().tables.number_of(*page)), half };
		}
	}
	spin_unlock_bh(mm->context.lock);
	if (table || !(table = new_page(mm)))
		return table;
	spin_lock_bh(mm->context.lock);
	mm->context.add(page_of(table));
	spin_unlock_bh(mm->context.lock);
	return table;
}

void pte_fragments::page_table_free(mm_ref mm, fragment table)
{
	ptdesc &page = page_of(table);
	spin_lock_bh(mm->context.lock);
	unsigned mask = change(page, kAllocated << table.half, kPending << table.half);
	if ((mask & 3) && reusable(page)) {
		pte_tables::end(page, table.half);
		mm->context.add(page);
	} else {
		list_del_init(page);
	}
	spin_unlock_bh(mm->context.lock);
	// From here on the page is another's if the other half is.
	if (change(page, kPending << table.half, 0) == 0)
		release(page);
}

void pte_fragments::release(ptdesc &page)
{
	kernel::kernel().tables.free_page(page);
}

} // namespace lazymm::schemes
