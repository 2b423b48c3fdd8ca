// SPDX-License-Identifier: MIT
// mm_count is balanced: at every step it is what was grabbed less what was dropped, an mm is freed
// when it falls to zero and not before, and at quiescence every reference left has a holder (the
// mm-count oracle).
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

/// Holds the events of an mm against a count kept apart.
void mm_count_is_balanced(Case &c)
{
	const Result &result = c.run({ "mm-count" });
	require_silence(result);
	std::vector<int> counts(1024, 1);
	for (const kernel::KernelEvent &e : events(result)) {
		if (!e.mm || e.mm.number() == 0) // init_mm is for ever
			continue;
		int &count = counts.at(e.mm.number());
		count += e.kind == EventKind::grab ? e.value : 0;
		count -= e.kind == EventKind::drop ? e.value : 0;
		if (e.kind == EventKind::grab || e.kind == EventKind::drop)
			require(count == e.count, "count-differs",
				"mm_count is not what was grabbed less what was dropped.");
		if (e.kind == EventKind::free_mm)
			require(count == 0, "freed-while-counted", "A counted mm is freed.");
	}
	c.did("an mm is freed", happened(result, EventKind::free_mm));
	c.did("a reference is dropped", happened(result, EventKind::drop));
}

REGISTER_PROPERTY({
	.name = "mm-count-balanced",
	.promise = "mm_count is what was grabbed less what was dropped, to the end",
	.mixes = { exit_heavy, lazy_heavy, hotplug },
	.check = mm_count_is_balanced,
	.covers = { { "an mm is freed", 0.1 }, { "a reference is dropped", 0.2 } },
	.oracles = { "mm-count" },
	.twin = "rc-missing-grab-u2k",
	.cases = 3000,
});

} // namespace
} // namespace lazymm::properties
