// SPDX-License-Identifier: MIT
// The minimiser keeps the finding: same oracle, same kind, of a schedule that is not larger and
// needs nobody's random numbers.
#include "core/schedule/size.h"
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void finding_is_kept(Case &c)
{
	const Result found = c.run();
	c.did("a violation", found.finding.has_value());
	if (!found.finding)
		return;
	const auto small = c.minimize_beside(*found.finding, 1500);
	require(small.has_value(), "not-found-again", "The minimiser can not show it.");
	require(small->finding.same_as(*found.finding), "another-finding",
		"It ends on another finding: " + small->finding.text);
	require(!small->schedule.search, "still-searches", "It needs a strategy.");
	const Schedule written = made_explicit(c.schedule, found);
	require(schedule::size(small->schedule) <= schedule::size(written), "larger",
		"What it ends on is larger.");
	const Result again = c.run_beside(small->schedule);
	require(again.finding && again.finding->same_as(*found.finding), "does-not-show",
		"What it ends on does not show the finding.");
	c.did("it is smaller", schedule::size(small->schedule) < schedule::size(written));
}

REGISTER_PROPERTY({
	.name = "minimiser-keeps-the-finding",
	.promise = "what the minimiser ends on shows the same, is explicit, and not larger",
	.mixes = { usual, lazy_heavy, hotplug },
	.check = finding_is_kept,
	.covers = { { "a violation", 0.1 }, { "it is smaller", 0.1 } },
	.cases = 40,
	.schemes = { "lazymm-2021", "rcu-lazy" },
	// They have races.
	.heeds_tsan = false,
});

} // namespace
} // namespace lazymm::properties
