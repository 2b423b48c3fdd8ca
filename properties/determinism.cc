// SPDX-License-Identifier: MIT
// A run is a pure function of schedule and scheme: same input, same trace, bit for bit, again and
// again, whatever ran in between.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void same_again(Case &c)
{
	const Result first = c.run();
	require_same(first, c.run());
	// On a runner that has something else behind it.
	require_same(first, c.run_beside(c.schedule));
	c.did("a context switch", happened(first, EventKind::switched));
}

REGISTER_PROPERTY({
	.name = "deterministic",
	.promise = "the same schedule gives the same trace, again and again",
	.mixes = { usual, lazy_heavy, membarrier_heavy, hotplug },
	.check = same_again,
	.covers = { { "a context switch", 0.5 } },
	.cases = 1500,
	.schemes = { "refcount", "lazymm-2021", "lazymm-2022", "hazptr" },
	// That of broken schemes has races.
	.heeds_tsan = false,
});

} // namespace
} // namespace lazymm::properties
