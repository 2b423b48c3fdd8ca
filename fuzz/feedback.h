// SPDX-License-Identifier: MIT
// What an engine learns of a run besides coverage of the scheme's code: interleavings. libFuzzer
// takes a counter that is not zero for a feature of the input.
//
// Always: which kinds of kernel events followed each other (Result::features); costs nothing worth
// measuring. With LAZYMM_FEEDBACK=rf also reads-from pairs: which store's place a load's place read
// from, if it was another CPU's. That needs the trace of every run. It helps or hurts, by
// more than an order of magnitude either way, depending on the bug; hence it is for a part of the
// workers of a campaign, not for all.
#pragma once

#include "core/harness/run.h"

namespace lazymm::fuzz
{

/// Was LAZYMM_FEEDBACK=rf in the environment? Then runs must be recorded.
bool feedback_needs_trace();

/// Counts what the run shows. The engine clears the counters between inputs.
void feed_back(const Result &result);

} // namespace lazymm::fuzz
