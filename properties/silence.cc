// SPDX-License-Identifier: MIT
// Correct schemes: no oracle ever speaks, whatever is done under whichever strategy.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void no_oracle_speaks(Case &c)
{
	const Result &result = c.run();
	require_silence(result);
	c.did("a context switch", happened(result, EventKind::switched));
	c.did("an mm is freed", happened(result, EventKind::free_mm));
	c.did("a CPU goes down", happened(result, EventKind::hotplug));
	c.did("membarrier(2) returns", happened(result, EventKind::membarrier_return));
}

REGISTER_PROPERTY({
	.name = "silence",
	.promise = "no oracle ever speaks, whatever is done",
	.mixes = { usual, exit_heavy, lazy_heavy, membarrier_heavy, hotplug, table_heavy },
	.check = no_oracle_speaks,
	.covers = { { "a context switch", 0.5 },
		    { "an mm is freed", 0.1 },
		    { "a CPU goes down", 0.03 },
		    { "membarrier(2) returns", 0.03 } },
	.oracles = { "context", "data-race", "kernel-bug", "use-after-free", "mm-cid" },
	.twin = "rc-prev-mm-overwritten",
	.cases = 10'000,
});

} // namespace
} // namespace lazymm::properties
