// SPDX-License-Identifier: MIT
// Both executors give the same trace, bit for bit: tasks that are OS threads, and tasks that are
// user-level stacks.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void engines_agree(Case &c)
{
	const Result &fibers = c.run();
	require_same(fibers, c.run_on_threads());
	c.did("a context switch", happened(fibers, EventKind::switched));
	c.did("a CPU goes down", happened(fibers, EventKind::hotplug));
}

REGISTER_PROPERTY({
	.name = "engines-agree",
	.promise = "fibers and threads give the same trace",
	.mixes = { usual, exit_heavy, membarrier_heavy, hotplug },
	.check = engines_agree,
	.covers = { { "a context switch", 0.5 }, { "a CPU goes down", 0.01 } },
	.cases = 400,
	.schemes = { "refcount", "lazymm-2021", "lazymm-2022" },
	// That of broken schemes has races.
	.heeds_tsan = false,
});

} // namespace
} // namespace lazymm::properties
