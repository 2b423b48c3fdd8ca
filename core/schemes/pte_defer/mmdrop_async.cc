// SPDX-License-Identifier: MIT
// pte-defer-mmdrop-async: the first version. Each deferred table holds an mm_count.
//
// From: Hugh Dickins, 2023-05-29, [PATCH 07/12] "s390: add pte_free_defer(), with use of
// mmdrop_async()" (6dd63b39-e71f-2e8b-7e0-83e02f3bcb39@google.com). Its text says "what's done here
// might be better integrated with page_table_free()'s cleverness, but not by me!".
//
// Broken in two ways, which the text of version 2 owns up to: the page is on mm->context's list
// when call_rcu() writes over page->lru, and with both halves deferred the one rcu_head is queued
// twice, pt_mm overwritten.
#include "core/schemes/pte_defer/pte_defer.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

class pte_defer_mmdrop_async : public pte_fragments
{
public:
	void pte_free_defer(mm_ref mm, fragment table) override
	{
		ptdesc &page = page_of(table);
		mmgrab(mm, Holder::table, -1);
		WRITE_ONCE(page.pt_mm, mm);
		// In the low bits of the pointer, there.
		WRITE_ONCE(page.active, table.half);
		call_rcu(page, pte_free_now, "pte_free_now");
	}

private:
	static void pte_free_now(ptdesc &page)
	{
		Kernel &k = kernel::kernel();
		mm_ref mm = READ_ONCE(page.pt_mm);
		unsigned half = READ_ONCE(page.active);
		k.scheme().page_table_free(mm, { int(k.tables.number_of(page)), half });
		// Softirq: not mmdrop().
		k.scheme().mmdrop_async(mm, Holder::table, -1);
	}
};

REGISTER_SCHEME({
	.name = "pte-defer-mmdrop-async",
	.from = "Hugh Dickins, 2023-05-29, [PATCH 07/12] 6dd63b39-e71f-2e8b-7e0-83e02f3bcb39",
	.summary = "s390 page tables freed by RCU hold an mm_count each; page->rcu_head is in use",
	.expect = Expect::broken,
	.make = make<pte_defer_mmdrop_async>,
	.witness = "LMM1:pte-defer-mmdrop-async:YNww3DE",
	.ops = "tables",
});

} // namespace
} // namespace lazymm::schemes
