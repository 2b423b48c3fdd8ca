// SPDX-License-Identifier: MIT
// Sound schemes agree with no-lazy in what user space can observe: the same operations, one after
// the other, give the same system call results, the same values, the same mms.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void agrees_with_no_lazy(Case &c)
{
	Schedule other = c.schedule;
	other.scheme = "no-lazy";
	other.bug.clear();
	Observed here, there;
	const Result result = c.run_in_turn(here);
	c.run_beside_in_turn(other, there);
	require(result.outcome == Outcome::completed, "no-end", "The run did not end.");
	for (std::size_t i = 0; i < std::max(here.lines.size(), there.lines.size()); i++) {
		const std::string one = i < here.lines.size() ? here.lines[i] : "nothing";
		const std::string two = i < there.lines.size() ? there.lines[i] : "nothing";
		require(one == two, "differs", "'" + one + "', under no-lazy '" + two + "'");
	}
	c.did("an mm is freed", happened(result, EventKind::free_mm));
	c.did("membarrier(2) returns", happened(result, EventKind::membarrier_return));
}

REGISTER_PROPERTY({
	.name = "agrees-with-no-lazy",
	.promise = "user space observes what it observes under no-lazy",
	.mixes = { usual, exit_heavy, membarrier_heavy, hotplug },
	.check = agrees_with_no_lazy,
	.covers = { { "an mm is freed", 0.05 }, { "membarrier(2) returns", 0.02 } },
	.oracles = { "membarrier-api" },
	.twin = "mb-exec-state-leak",
	.cases = 1500,
	.seeded = true,
});

} // namespace
} // namespace lazymm::properties
