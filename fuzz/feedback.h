// SPDX-License-Identifier: MIT
// What an engine learns of a run besides coverage of the scheme's code: interleavings. libFuzzer
// takes a counter that is not zero for a feature of the input.
//
//	events	which kinds of kernel events followed each other (Result::features)
//	rf	also reads-from pairs: which place's load read what which place's store had
//		written on another CPU. For that every run is recorded.
//
// Over the planted bugs, rf needed fewer executions for two of three, by up to 7 times (and more
// for some, by up to 5), and costs a tenth of the speed. So it is what targets do, unless
// LAZYMM_FEEDBACK=events: a campaign with many workers should have some of those.
#pragma once

#include "core/harness/run.h"

namespace lazymm::fuzz
{

/// Counts what the run shows: reads-from pairs if it was recorded. The engine clears the counters
/// between inputs.
void feed_back(const Result &result);

} // namespace lazymm::fuzz
