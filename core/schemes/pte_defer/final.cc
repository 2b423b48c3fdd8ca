// SPDX-License-Identifier: MIT
// pte-defer-final: what was merged. A half whose free was deferred is not given out again; when
// both are free, the page goes by RCU. The callback knows no mm.
//
// From: 8211dad62798 "s390: add pte_free_defer() for pgtables sharing page" (6.6), after the
// version for powerpc that Jason Gunthorpe suggested (32cc0b7c9d50).
//
// PageActive marks the page from the first deferral on. It is set before mm->context.lock is
// taken: the free of the other half may see it early, which costs a fragment and no more.
#include "core/schemes/pte_defer/pte_defer.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

class pte_defer_final : public pte_fragments
{
public:
	void pte_free_defer(mm_ref mm, fragment table) override
	{
		WRITE_ONCE(page_of(table).active, 1); // SetPageActive()
		page_table_free(mm, table);
	}

protected:
	bool reusable(ptdesc &page) override { return !READ_ONCE(page.active); }

	void release(ptdesc &page) override
	{
		auto pte_free_now = [](ptdesc &page) { kernel::kernel().tables.free_page(page); };
		if (xchg(page.active, 0, "TestClearPageActive"))
			call_rcu(page, pte_free_now, "pte_free_now");
		else
			pte_free_now(page);
	}
};

REGISTER_SCHEME({
	.name = "pte-defer-final",
	.from = "8211dad62798 (6.6) s390: add pte_free_defer() for pgtables sharing page",
	.summary = "s390 page tables: a page goes by RCU when both halves are free; no mm needed",
	.expect = Expect::sound,
	.make = make<pte_defer_final>,
	.ops = "tables",
});

} // namespace
} // namespace lazymm::schemes
