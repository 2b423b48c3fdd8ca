// SPDX-License-Identifier: MIT
// Operations one after the other: each is carried out to its end before another CPU begins its
// next, in an order that the seed says: next_turn() after next_turn(), CPUs that have nothing left
// passed over. So a schedule that ends earlier can be the beginning of the same history. What waits
// for another CPU (an IPI, hot-unplug) lets that one go on for as long as it has to. So a schedule
// is the same history under every scheme, however many accesses each of them makes; explicit
// decisions, which name accesses, have no part in it.
#pragma once

#include <memory>

#include "core/harness/strategy.h"
#include "core/schedule/rng.h"

namespace lazymm
{

std::unique_ptr<Strategy> make_in_turn();

/// Whose turn it is next.
inline unsigned next_turn(schedule::Rng &rng, unsigned cpus)
{
	return rng.below(cpus);
}

} // namespace lazymm
