// SPDX-License-Identifier: MIT
// What membarrier(2) promises, in each of the scenarios at the head of kernel/sched/membarrier.c,
// for each command: A, B: the covered thread runs; C: it is switched to a kernel thread and back;
// D: it exits; E: a kernel thread uses the mm.
#include "properties/scenarios.h"
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void accesses_are_ordered(Case &c, EventKind meanwhile)
{
	const Result &result = c.run({ "membarrier-api", "membarrier-fence", "membarrier-order" });
	require_silence(result);
	bool calling = false;
	for (const kernel::KernelEvent &e : events(result)) {
		const bool returns = e.kind == EventKind::membarrier_return;
		calling = !returns && (calling || e.kind == EventKind::membarrier_call);
		c.did("the call is carried out", returns && e.count == 0);
		c.did("CPU1 does it during the call", calling && e.cpu == 1 && e.kind == meanwhile);
	}
}

struct Scenario {
	const char *letter;
	EventKind meanwhile; ///< what CPU1 does
	const char *twin;
};
constexpr Scenario kScenarios[] = {
	{ "a", EventKind::user_load, "mb-no-entry-barrier" },
	{ "b", EventKind::user_store, "mb-no-entry-barrier" },
	{ "c", EventKind::switched, "mb-no-barrier-before-curr" },
	{ "d", EventKind::users_put, "mb-exit-mm-no-barrier" },
	{ "e", EventKind::users_put, "mb-usemm-same-mm-no-barrier" },
};

constexpr const char *kCommands[] = { "private", "global-expedited", "sync-core", "global" };

Property property(unsigned scenario, unsigned command)
{
	const Scenario &s = kScenarios[scenario];
	Property p{ .promise = "what the caller does is ordered with the covered thread's",
		    .mixes = { membarrier_scenario(scenario, command) },
		    .check = [&s](Case &c) { accesses_are_ordered(c, s.meanwhile); },
		    .covers = { { "the call is carried out", 0.8 },
				{ "CPU1 does it during the call", 0.02 } },
		    .oracles = { "membarrier-api", "membarrier-fence", "membarrier-order" },
		    .cases = 1500 };
	p.name = kept(std::string("membarrier-") + s.letter + '-' + kCommands[command]);
	// RCU has no planted bugs; where the thread runs, an IPI is as good as (a) and (c).
	if (command != 3 && (scenario > 1 || command != 0))
		p.twin = s.twin;
	return p;
}

REGISTER_PROPERTIES(std::size(kScenarios), std::size(kCommands), property);

} // namespace
} // namespace lazymm::properties
