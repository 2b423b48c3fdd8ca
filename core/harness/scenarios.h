// SPDX-License-Identifier: MIT
// What a search begins with where random operations rarely meet. For membarrier(2): store buffering
// and message passing between the threads of an mm, on every way by which a thread comes to run or
// stops running. For deferred frees: tables, their readers, their callbacks and their mm.
#pragma once

#include <vector>

#include "core/schedule/schedule.h"

namespace lazymm
{

/// Operations only, on 2 CPUs; scheme and the like at their defaults. Made once.
const std::vector<schedule::Schedule> &membarrier_scenarios();
/// The same for concurrency ids: threads come and go while somebody takes ids back.
const std::vector<schedule::Schedule> &mm_cid_scenarios();

/// What a search for page tables with deferred frees begins with: a walk that is going on while a
/// table goes, callbacks that run when the mm has gone, halves that share a page.
const std::vector<schedule::Schedule> &table_scenarios();

} // namespace lazymm
