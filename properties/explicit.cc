// SPDX-License-Identifier: MIT
// What a strategy decided, written down without the strategy, is the same run: witnesses depend on
// nobody's random numbers.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void explicit_is_the_same(Case &c)
{
	const Result first = c.run();
	const Schedule written = made_explicit(c.schedule, first);
	require(!written.search, "still-searches", "The strategy is still in it.");
	require_same(first, c.run_beside(written));
	c.did("a decision", !first.taken.empty());
}

REGISTER_PROPERTY({
	.name = "explicit",
	.promise = "decisions that are written down give the run of the strategy that took them",
	.mixes = { usual, lazy_heavy, membarrier_heavy, hotplug },
	.check = explicit_is_the_same,
	.covers = { { "a decision", 0.5 } },
	.cases = 3000,
	.schemes = { "refcount", "lazymm-2021", "lazymm-2022" },
	// That of broken schemes has races.
	.heeds_tsan = false,
});

} // namespace
} // namespace lazymm::properties
