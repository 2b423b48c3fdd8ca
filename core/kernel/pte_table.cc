// SPDX-License-Identifier: MIT
#include "core/kernel/pte_table.h"

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
void tell(mm_ref mm, std::uint32_t number, const char *text)
{
	kernel().emit(
		{ .kind = EventKind::page_table, .mm = mm, .count = int(number), .text = text });
}
} // namespace

// --- mm->context.pgtable_list, with CONFIG_DEBUG_LIST ---

void pgtable_list::init(mm_ref of)
{
	pages.init(0);
	mm = of;
}

ptdesc *pgtable_list::first()
{
	std::uint32_t linked = pages.load();
	if (!linked)
		return nullptr;
	ptdesc &page = kernel().tables.page(unsigned(__builtin_ctz(linked)));
	BUG_ON(page.lru.load() != ptdesc::on_list,
	       "pgtable_list: corrupted, page->lru is its rcu_head");
	return &page;
}

void pgtable_list::add(ptdesc &page)
{
	BUG_ON(page.rcu_queued, "list_add: page->lru is a queued rcu_head");
	BUG_ON(page.list, "list_add: the page is on a list");
	BUG_ON(mm && (!(mm == page.mm) || mm.generation() != page.mm.generation() || !mm.valid()),
	       "list_add: the page is not of this mm");
	page.lru.store(ptdesc::on_list);
	page.list = this;
	pages.store(pages.load() | 1u << kernel().tables.number_of(page));
}

void list_del_init(ptdesc &page)
{
	std::uint32_t word = page.lru.load();
	BUG_ON(word == ptdesc::rcu_head, "list_del: corrupted, page->lru is its rcu_head");
	if (!page.list)
		return;
	pgtable_list &list = *page.list;
	list.pages.store(list.pages.load() & ~(1u << kernel().tables.number_of(page)));
	page.lru.store(ptdesc::unlinked);
	page.list = nullptr;
}

void call_rcu(ptdesc &page, void (*fn)(ptdesc &), const char *what)
{
	BUG_ON(page.rcu_queued, "call_rcu: page->rcu_head is queued already");
	if (page.rcu_queued)
		return; // what real lists would do now is anybody's guess
	page.rcu_queued = true;
	page.lru.store(ptdesc::rcu_head);
	page.rcu_fn = fn;
	call_rcu(
		[](void *arg) {
			auto &page = *static_cast<ptdesc *>(arg);
			page.rcu_queued = false;
			page.rcu_fn(page);
		},
		&page, what);
}

// --- pages ---

pte_tables::pte_tables()
{
	for (unsigned i = 0; i < kPages; i++)
		pages_[i].owner.number = i;
	numbers_ = 1;
	reset();
}

void pte_tables::reset()
{
	if (!numbers_)
		return;
	numbers_ = 0;
	clock_ = {};
	free_count_ = 0;
	for (unsigned i = kPages; i-- > 0;) {
		free_[free_count_++] = i;
		pages_[i].allocated = false;
	}
}

ptdesc *pte_tables::alloc_page()
{
	if (!free_count_)
		return nullptr;
	ptdesc &page = pages_[free_[--free_count_]];
	this_machine().acquire(clock_);
	page._refcount.init(0);
	page.active.init(0);
	page.lru.init(ptdesc::unlinked);
	page.pt_mm.init({});
	for (auto &pte : page.pte)
		pte.init(0);
	page.table[0] = page.table[1] = 0;
	page.mm = {};
	page.list = nullptr;
	page.allocated = true;
	page.rcu_queued = false;
	return &page;
}

void pte_tables::free_page(ptdesc &page)
{
	BUG_ON(!page.allocated, "__free_page: the page is free");
	BUG_ON(page.rcu_queued, "__free_page: page->rcu_head is queued");
	BUG_ON(page.list, "__free_page: the page is on a list");
	if (!page.allocated)
		return;
	for (auto &pte : page.pte)
		WRITE_ONCE(pte, 0); // whatever comes next
	page.table[0] = page.table[1] = 0;
	page.allocated = false;
	this_machine().release(clock_);
	free_[free_count_++] = number_of(page);
}

std::uint32_t pte_tables::begin(const fragment &table)
{
	if (numbers_ + 1 == kNumbers)
		return 0;
	where_[++numbers_] = table;
	page(table).table[table.half] = numbers_;
	return numbers_;
}

// --- who uses them ---

void pte_alloc()
{
	Kernel &k = kernel();
	mm_ref mm = READ_ONCE(current_task().mm);
	unsigned i = 0;
	while (i < kPmds && READ_ONCE(mm->pmd[i]))
		i++;
	fragment table;
	if (i == kPmds || !(table = k.scheme().page_table_alloc(mm)))
		return;
	ptdesc &page = k.tables.page(table);
	if (std::uint32_t number = k.tables.begin(table)) {
		WRITE_ONCE(page.pte[table.half], number);
		spin_lock(mm->page_table_lock);
		// Has another thread populated it meanwhile?
		if (!READ_ONCE(mm->pmd[i])) {
			smp_store_release(mm->pmd[i], number, "pmd_install: table before pmd");
			tell(mm, number, "populates a pmd");
			table = {};
		}
		spin_unlock(mm->page_table_lock);
	}
	if (table)
		k.scheme().page_table_free(mm, table);
}

void retract_page_table()
{
	Kernel &k = kernel();
	mm_ref mm = READ_ONCE(current_task().mm);
	for (auto &pmd : mm->pmd) {
		if (!READ_ONCE(pmd))
			continue;
		spin_lock(mm->page_table_lock);
		std::uint32_t number = READ_ONCE(pmd);
		if (number)
			WRITE_ONCE(pmd, 0); // pmdp_collapse_flush()
		spin_unlock(mm->page_table_lock);
		if (number) {
			tell(mm, number, "leaves its pmd");
			return k.scheme().pte_free_defer(mm, k.tables.where(number));
		}
	}
}

void gup_fast()
{
	Kernel &k = kernel();
	mm_ref mm = READ_ONCE(current_task().mm);
	if (!mm)
		return;
	rcu_read_lock();
	for (auto &pmd : mm->pmd) {
		// The address dependency of pte_offset_map().
		std::uint32_t number = smp_load_acquire(pmd, "pte_offset_map: pmd before table");
		if (!number)
			continue;
		fragment table = k.tables.where(number);
		ptdesc &page = k.tables.page(table);
		// The entry; the page behind it is taken; are pmd and entry what they were?
		READ_ONCE(page.pte[table.half]);
		READ_ONCE(pmd);
		READ_ONCE(page.pte[table.half]);
		if (page.table[table.half] != number)
			k.emit({ .kind = EventKind::walk_freed, .mm = mm, .text = "gup_fast" });
		tell(mm, number, "was walked");
	}
	rcu_read_unlock();
}

void free_pgtables(mm_ref mm)
{
	Kernel &k = kernel();
	for (auto &pmd : mm->pmd) {
		std::uint32_t number = READ_ONCE(pmd);
		if (!number)
			continue;
		WRITE_ONCE(pmd, 0);
		k.scheme().page_table_free(mm, k.tables.where(number));
	}
}

void Scheme::init_new_context(mm_ref mm)
{
	mm_struct &m = *mm.unchecked();
	spin_lock_init(m.context.lock);
	m.context.init(mm);
}

} // namespace lazymm::kernel
