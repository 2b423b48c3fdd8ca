// SPDX-License-Identifier: MIT
// Every operation ends, whoever has to wait for whom: for IPIs with interrupts off, for grace
// periods, for CPUs that go down.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void every_operation_ends(Case &c)
{
	const Result &result = c.run({ "progress" });
	require_silence(result);
	c.did("a CPU waits for others",
	      happened(result, EventKind::ipi) || happened(result, EventKind::hotplug));
	c.did("RCU has work", happened(result, EventKind::rcu));
}

REGISTER_PROPERTY({
	.name = "progress",
	.promise = "every operation ends: no deadlock, no livelock",
	.mixes = { usual, exit_heavy, membarrier_heavy, hotplug, table_heavy },
	.check = every_operation_ends,
	.covers = { { "a CPU waits for others", 0.03 }, { "RCU has work", 0.1 } },
	.oracles = { "progress" },
	.twin = "hz-wait-self-slot",
	.cases = 3000,
});

} // namespace
} // namespace lazymm::properties
