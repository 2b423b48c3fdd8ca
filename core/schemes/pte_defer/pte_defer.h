// SPDX-License-Identifier: MIT
// The s390 family: an mm that must outlive deferred frees of its page tables. What they share; each
// scheme is a file of its own in this folder.
//
// From: the series "mm: free retracted page table by RCU", 2023-05-29 to 2023-07-12, and what was
// proposed in its discussion (Hugh Dickins, Jason Gunthorpe, Gerald Schaefer, linux-s390).
//
// khugepaged takes a page table out of a pmd with other threads of the mm still walking it, so the
// table is freed by RCU: pte_free_defer(), which may not allocate memory. On s390 a page holds two
// 2K tables, has one rcu_head for both, and that overlays page->lru, by which the page is on
// mm->context.pgtable_list when one of its halves can be had. The callback that gives a half back
// wants that list and its lock: the mm, which may have exited since.
//
// The references of lazy CPUs are refcount's throughout.
#pragma once

#include "core/kernel/kernel.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/refcount.h"

namespace lazymm::schemes
{

class pte_defer : public with_membarrier<refcount, membarrier_repaired>
{
public:
	bool has_page_tables() const override { return true; }

protected:
	/// Of a half, shifted by its number: allocated; pending, on its way to be free; waiting for
	/// page->rcu_head, which the other half uses (v2).
	static constexpr unsigned kAllocated = 0x01, kPending = 0x10, kWaits = 0x100;

	/// atomic_xor_bits() on page->_refcount: what falls and what rises; the new value. Fully
	/// ordered.
	static unsigned change(kernel::ptdesc &page, unsigned clear, unsigned set,
			       const kernel::Where &where = kernel::Where::current());
	static unsigned bits(const kernel::ptdesc &page)
	{
		return kernel::READ_ONCE(page._refcount);
	}
	/// A new page whose first half is allocated; empty without memory.
	static kernel::fragment new_page(kernel::mm_ref mm);
	static kernel::ptdesc &page_of(kernel::fragment table)
	{
		return kernel::kernel().tables.page(table);
	}
	/// Whether this is no place to sleep in.
	static bool atomic();
	/// Kernel::free_mm() as an RCU callback.
	static void free_mm_rcu(kernel::mm_ref mm);
};

/// pgalloc.c as it was before the series: a page is on its mm's list while exactly one of its
/// halves is allocated. fragments.cc
class pte_fragments : public pte_defer
{
public:
	kernel::fragment page_table_alloc(kernel::mm_ref mm) override;
	void page_table_free(kernel::mm_ref mm, kernel::fragment table) override;

protected:
	/// With the other half allocated: may this one be given out again?
	virtual bool reusable(kernel::ptdesc &) { return true; }
	/// Both halves are free, the page is on no list.
	virtual void release(kernel::ptdesc &page);
};

/// Version 2 of the series: a page is on no list while either half is pending, the second half to
/// be deferred waits for the first one's callback. What the schemes differ in is how the callback
/// comes by the list. halves.cc
class pte_halves : public pte_defer
{
public:
	kernel::fragment page_table_alloc(kernel::mm_ref mm) override;
	void page_table_free(kernel::mm_ref mm, kernel::fragment table) override;
	void pte_free_defer(kernel::mm_ref mm, kernel::fragment table) override;

protected:
	/// The list that pages of a living mm are on, and the lock for it.
	virtual kernel::pgtable_list &list(kernel::mm_ref mm, kernel::ptdesc *page);
	virtual kernel::spinlock &lock(kernel::mm_ref mm, kernel::ptdesc *page);
	/// The RCU callback. As it stands here it relies on page->pt_mm being there still.
	virtual void pte_free_now(kernel::ptdesc &page, unsigned half);
	/// A half that is deferred while the other one is pending waits for the rcu_head.
	virtual bool takes_turns() const { return true; }
	/// About to be deferred, the first of its page: the rcu_head overlays lru.
	virtual void unlink(kernel::ptdesc &page) { kernel::list_del_init(page); }

	void queue(kernel::ptdesc &page, unsigned half);
	/// The grace period of the half is over. Under the lock, or with both halves out of reach.
	void half_done(kernel::ptdesc &page, unsigned half);
};

} // namespace lazymm::schemes
