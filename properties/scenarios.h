// SPDX-License-Identifier: MIT
// What the properties of membarrier(2) are drawn from: scenarios A to E at the head of
// kernel/sched/membarrier.c, with each of its commands, and code that is patched. CPU0 calls, CPU1
// is covered.
#pragma once

#include "properties/mixes.h"

namespace lazymm::properties
{

/// The commands, as the operations of a schedule name them.
inline constexpr unsigned kScenarioCommands[] = { 0, 1, 2, 4 };

/// Scenario 0 (A) to 4 (E), with the `command`-th of kScenarioCommands.
Mix membarrier_scenario(unsigned scenario, unsigned command);

/// A thread patches the code of its mm and calls membarrier(2) sync-core; others run the code.
extern const Mix patched_code;

} // namespace lazymm::properties
