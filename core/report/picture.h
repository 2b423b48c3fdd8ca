// SPDX-License-Identifier: MIT
// The default picture of a run: a block for a mail, 72 columns of ASCII.
//
//	lazymm: VIOLATION mm-count: live-mm-freed  scheme refcount  bug ...
//	  What was promised, who broke it.
//
//	      CPU0                            CPU1
//	      ----                            ----
//	   1                                  switch A        (mm1)
//	   2  exit            (A, mm1)
//	        mm1.mm_users 1 -> 0
//	        ...
//
//	  depth:   1 preemption, 0 reorderings; shows on sc
//	  minimal: 5 operations on 2 CPUs (from 143; 61 replays, 1.2 s)
//	  replay:  lazymm replay LMM1:refcount:oQDCAYEA
//	  where:   core/schemes/bugs/refcount_bugs.cc:41
//
// Numbered are operations as they begin or go on; below each is what the kernel had to say. Where
// the schedule moved control in the middle of an operation, the access before and the one after
// stand too. A function of its arguments: equal runs give equal bytes, on every engine.
#pragma once

#include "core/harness/minimize.h"
#include "core/report/style.h"

#include <string>

namespace lazymm::report
{

struct PictureOptions {
	Style style;
	/// How the schedule came to be as short as it is, or nullptr.
	const Minimized *minimized = nullptr;
	/// Say how many replays and seconds that took: not in golden files.
	bool costs = true;
	/// What `lazymm replay` needs besides the token, such as "--oracles mm-count".
	std::string replay_options;
};

/// The picture of one run, with a violation or without. `result` should have a trace; without one
/// there is no middle part. No line is longer than 72 characters, but for the token.
std::string picture(const schedule::Schedule &schedule, const Result &result,
		    const PictureOptions &options = {});

/// "mm-count: live-mm-freed".
std::string title(const Finding &finding);

} // namespace lazymm::report
