// SPDX-License-Identifier: MIT
// What can come of a few loads and stores: what each load read, over many runs.
#pragma once

#include <set>
#include <string>

#include "properties/spec.h"

namespace lazymm::properties
{

/// What the loads of a recorded run read, by CPU and in the order of its program: "0:0 1:0 ". A
/// store is told by the variable and who made it when, not by when it was made among all.
std::string what_was_read(const Result &result);

/// Of `runs` runs with other seeds, or until `wanted` is among them.
std::set<std::string> outcomes_of(Case &c, Schedule schedule, unsigned runs,
				  const std::string &wanted = "?");

} // namespace lazymm::properties
