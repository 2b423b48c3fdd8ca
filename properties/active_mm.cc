// SPDX-License-Identifier: MIT
// No CPU runs with an active_mm that is freed. The oracle looks at every CPU when an mm is freed;
// the spec keeps a list of the dead, and holds what is taken up against it.
#include <set>

#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void active_mm_is_alive(Case &c)
{
	const Result &result = c.run({ "stale-active-mm" });
	require_silence(result);
	std::set<unsigned> freed, lazy;		   // by number
	unsigned left[schedule::kMaxCpus] = { 1 }; // the mm of the last user task
	for (const kernel::KernelEvent &e : events(result)) {
		const unsigned mm = e.mm ? e.mm.number() : 0;
		if (e.kind == EventKind::switched || e.kind == EventKind::set_active)
			require(!freed.contains(mm), "freed-mm-taken-up",
				"An mm that is freed becomes active_mm.");
		if (e.kind == EventKind::switched) {
			if (e.task.slot() < schedule::kUserTasks)
				left[e.cpu] = mm;
			else
				lazy.insert(left[e.cpu]);
		}
		if (e.kind == EventKind::free_mm) {
			c.did("an mm is freed that a CPU had left lazily", lazy.contains(mm));
			freed.insert(mm);
		}
	}
}

REGISTER_PROPERTY({
	.name = "no-stale-active-mm",
	.promise = "active_mm of every CPU is an mm that is alive",
	.mixes = { exit_heavy, lazy_heavy, hotplug },
	.check = active_mm_is_alive,
	.covers = { { "an mm is freed that a CPU had left lazily", 0.01 } },
	.oracles = { "stale-active-mm" },
	.twin = "sd-lazy-clears-mask",
	.cases = 3000,
});

} // namespace
} // namespace lazymm::properties
