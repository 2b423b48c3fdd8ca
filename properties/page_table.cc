// SPDX-License-Identifier: MIT
// No CPU has page tables loaded that are freed. The oracle looks at what every CPU's hardware has
// when a pgd goes; the spec keeps a list of those that went, and holds what is loaded against it.
#include <set>

#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void loaded_tables_are_there(Case &c)
{
	const Result &result = c.run({ "page-table" });
	require_silence(result);
	std::set<unsigned> freed, loaded; // by number
	for (const kernel::KernelEvent &e : events(result)) {
		const unsigned mm = e.mm ? e.mm.number() : 0;
		if (e.kind == EventKind::load_mm) {
			require(!freed.contains(mm), "freed-pgd-loaded", "A freed pgd is loaded.");
			loaded.insert(mm);
		}
		if (e.kind == EventKind::free_pgd) {
			c.did("a pgd is freed that a CPU had loaded", loaded.contains(mm));
			freed.insert(mm);
		}
	}
	c.did("page tables are loaded", !loaded.empty());
}

REGISTER_PROPERTY({
	.name = "no-freed-page-table",
	.promise = "no CPU has page tables loaded, or cached in its TLB, that are freed",
	.mixes = { usual, exit_heavy, lazy_heavy, hotplug },
	.check = loaded_tables_are_there,
	.covers = { { "page tables are loaded", 0.2 },
		    { "a pgd is freed that a CPU had loaded", 0.01 } },
	.oracles = { "page-table" },
	.twin = "na-free-tables-before-shoot",
	.cases = 3000,
});

} // namespace
} // namespace lazymm::properties
