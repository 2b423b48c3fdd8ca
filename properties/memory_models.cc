// SPDX-License-Identifier: MIT
// Memory models include each other: a run under sc is one under tso and one under weak, where
// nothing is reordered. Its decisions, written down, give the same trace there.
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

/// But for where a memory model puts a store: sc has nothing to say of that.
std::vector<std::string> story(const Result &result)
{
	std::vector<std::string> lines;
	for (const kernel::KernelEvent &e : events(result))
		if (e.kind != EventKind::user_placed)
			lines.push_back(std::to_string(e.cpu) + kernel::describe(e));
	return lines;
}

void sc_is_tso_is_weak(Case &c)
{
	Schedule sc = c.schedule;
	sc.memory = schedule::Memory::sc;
	const Result first = c.run_beside(sc);
	Schedule written = made_explicit(sc, first);
	for (const auto memory : { schedule::Memory::tso, schedule::Memory::weak }) {
		written.memory = memory;
		const Result &other = c.run_beside(written);
		require(other.outcome == first.outcome &&
				other.finding.has_value() == first.finding.has_value(),
			"verdict-differs", "It ends differently.");
		require(story(other) == story(first), "story-differs",
			"The kernel does differently.");
		require(other.accesses == first.accesses, "accesses-differ",
			"More or less is done.");
	}
	c.did("a decision", !first.taken.empty());
	c.did("user code loads", happened(first, EventKind::user_load));
}

REGISTER_PROPERTY({
	.name = "sc-in-tso-in-weak",
	.promise = "what happens under sc can happen under tso and under weak",
	.mixes = { usual, lazy_heavy, membarrier_heavy, probes },
	.check = sc_is_tso_is_weak,
	.covers = { { "a decision", 0.5 }, { "user code loads", 0.1 } },
	.cases = 1500,
	.schemes = { "refcount", "lazymm-2022", "hazptr-repaired", "lazymm-2021" },
	.seeded = true,
	// That of broken schemes has races.
	.heeds_tsan = false,
});

} // namespace
} // namespace lazymm::properties
