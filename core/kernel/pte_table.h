// SPDX-License-Identifier: MIT
// Page tables below the pgd: 2K tables, two to a page, as s390 had them until its tables became
// whole pages. After arch/s390/mm/pgalloc.c and struct ptdesc, Linux 6.5/6.6. What a page is worth
// at any time, who links it where and who frees it is the scheme's; here are the page with its
// fields, the list, and what the rest of the kernel does with tables.
//
// Differs: an mm has three pmds and no levels above them; the page allocator is a stack, so that a
// page is used again at once; TLBs know nothing of tables (types.h's `pte` is what they cache).
#pragma once

#include <cstdint>

#include "core/kernel/lock.h"
#include "core/kernel/ref.h"

namespace lazymm::kernel
{

inline constexpr unsigned kPmds = 3;

/// Where a table lives: a half of a page. Empty: page -1.
struct fragment {
	int page = -1;
	unsigned half = 0;
	explicit operator bool() const { return page >= 0; }
};

struct pgtable_list;

/// A page of two tables.
struct ptdesc {
	machine::Owner owner{ "ptdesc", 0 };
	/// The upper byte of page->_refcount: PP AA, and v2's HH above them (pte_defer.h).
	Shared<std::uint32_t> _refcount{ "_refcount", &owner };
	Shared<std::uint32_t> active{ "PG_active", &owner };
	/// page->lru and page->rcu_head are the same words: what was written there last.
	enum : std::uint32_t { unlinked, on_list, rcu_head };
	Plain<std::uint32_t> lru{ "lru", &owner };
	Shared<mm_ref> pt_mm{ "pt_mm", &owner };
	/// An entry of each table: what a walk reads.
	Shared<std::uint32_t> pte[2]{ { "pte[0]", &owner }, { "pte[1]", &owner } };

	// bookkeeping
	std::uint32_t table[2] = {};  ///< number of the table that is in each half; 0: none
	mm_ref mm;		      ///< whose tables they are, if all are one mm's
	pgtable_list *list = nullptr; ///< where it is linked
	bool allocated = false;
	bool rcu_queued = false; ///< CONFIG_DEBUG_OBJECTS_RCU_HEAD
	void (*rcu_fn)(ptdesc &) = nullptr;
};

/// Pages of which a half can be had. Everything under `lock`.
struct pgtable_list {
	explicit pgtable_list(const machine::Owner *owner = nullptr)
		: lock("context.lock", owner), pages("pgtable_list", owner)
	{
	}
	spinlock lock;
	Plain<std::uint32_t> pages; ///< a bit each
	mm_ref mm;		    ///< bookkeeping: whose it is; empty: everybody's

	/// INIT_LIST_HEAD().
	void init(mm_ref of);
	/// list_first_entry_or_null().
	ptdesc *first();
	void add(ptdesc &page);
};
/// list_del_init(&page->lru).
void list_del_init(ptdesc &page);
/// call_rcu(&page->rcu_head): fn(&page) after a grace period.
void call_rcu(ptdesc &page, void (*fn)(ptdesc &), const char *what);

/// The page allocator, and which tables there are.
class pte_tables
{
public:
	static constexpr unsigned kPages = 8;

	pte_tables();
	void reset();
	/// Whether the run has made any table.
	bool any() const { return numbers_ != 0; }

	/// Without tables; nullptr: out of memory.
	ptdesc *alloc_page();
	void free_page(ptdesc &page);
	ptdesc &page(const fragment &table) { return pages_[table.page]; }
	ptdesc &page(unsigned number) { return pages_[number]; }
	unsigned number_of(const ptdesc &page) const { return &page - pages_; }

	/// A table begins to live in the half that a scheme gave out: its number in the run, or 0
	/// if there were too many.
	std::uint32_t begin(const fragment &table);
	/// The half can be given out again.
	static void end(ptdesc &page, unsigned half) { page.table[half] = 0; }
	fragment where(std::uint32_t number) const { return where_[number]; }

private:
	static constexpr unsigned kNumbers = 1024;
	ptdesc pages_[kPages];
	std::uint8_t free_[kPages];
	unsigned free_count_ = 0;
	machine::Clock clock_; ///< the allocator's own synchronisation
	std::uint32_t numbers_ = 0;
	fragment where_[kNumbers];
};

/// __pte_alloc() at current's first empty pmd. mm/memory.c
void pte_alloc();
/// The first table that current's mm has is taken out of its pmd, and freed once nobody can be
/// walking it. khugepaged's retract_page_tables(), 6.6
void retract_page_table();
/// A walk of current's tables without locks, in an RCU section. gup_fast_pte_range(), mm/gup.c
void gup_fast();
/// In exit_mmap(): nobody walks any more. s390 batches these behind RCU.
void free_pgtables(mm_ref mm);

} // namespace lazymm::kernel
