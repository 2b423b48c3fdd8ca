// SPDX-License-Identifier: MIT
// What a search for membarrier(2) begins with: store buffering and message passing between the
// threads of an mm, on every way by which a thread comes to run or stops running.
#pragma once

#include <vector>

#include "core/schedule/schedule.h"

namespace lazymm
{

/// Operations only, on 2 CPUs; scheme and the like at their defaults. Made once.
const std::vector<schedule::Schedule> &membarrier_scenarios();
/// The same for concurrency ids: threads come and go while somebody takes ids back.
const std::vector<schedule::Schedule> &mm_cid_scenarios();

} // namespace lazymm
