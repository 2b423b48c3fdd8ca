// SPDX-License-Identifier: MIT
// Behind membarrier(2) sync-core no thread of the mm runs code as it was before: whichever way its
// CPU takes to user code, it has core-serialised by then.
#include "properties/scenarios.h"
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void no_stale_code_runs(Case &c)
{
	const Result &result = c.run({ "core-serialised" });
	require_silence(result);
	bool promised = false;
	for (const kernel::KernelEvent &e : events(result)) {
		promised |= e.kind == EventKind::membarrier_return && e.count == 0;
		c.did("CPU1 runs user code behind the call",
		      promised && e.cpu == 1 && e.kind == EventKind::user_mode);
		c.did("CPU1 runs patched code behind the call",
		      promised && e.cpu == 1 && e.kind == EventKind::user_code);
	}
}

REGISTER_PROPERTY({
	.name = "core-serialised",
	.promise = "behind membarrier(2) sync-core no thread of the mm runs code of before",
	.mixes = { patched_code },
	.check = no_stale_code_runs,
	.covers = { { "CPU1 runs user code behind the call", 0.1 },
		    { "CPU1 runs patched code behind the call", 0.02 } },
	.oracles = { "core-serialised" },
	.twin = "mb-sync-core-caller-skipped",
	.cases = 3000,
});

} // namespace
} // namespace lazymm::properties
