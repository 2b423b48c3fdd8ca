// SPDX-License-Identifier: MIT
// Where the cases of a property come from: random schedules, by what happens in them most. A mix
// knows of no scheme; whoever takes a schedule from it puts that in.
#pragma once

#include "core/schedule/rng.h"
#include "core/schedule/schedule.h"

namespace lazymm::properties
{

struct Mix {
	const char *name; ///< "exit_heavy"
	const char *what; ///< one line
	/// A schedule with a random strategy and seed and no explicit decisions, on a random memory
	/// model.
	schedule::Schedule (*make)(schedule::Rng &rng, unsigned variant);
	unsigned variant = 0; ///< which of several that `make` knows
};

/// All that user space can do but for membarrier(2), on CPUs that stay.
extern const Mix usual;
/// Tasks come, change their mm, and go.
extern const Mix exit_heavy;
/// CPUs go to kernel threads and idle tasks and back, and kernel threads use mms.
extern const Mix lazy_heavy;
/// User code, membarrier(2), code that patches itself, among what makes that matter.
extern const Mix membarrier_heavy;
/// CPUs go down and come up.
extern const Mix hotplug;
/// Page tables below the pgd come and go, for the schemes that have them.
extern const Mix table_heavy;
/// Two CPUs and a handful of loads and stores: small enough to see all that can come of it.
extern const Mix probes;
/// Within the limits, the extreme ones too, and not sensible: for codecs.
extern const Mix anything;

} // namespace lazymm::properties
