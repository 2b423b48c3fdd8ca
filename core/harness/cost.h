// SPDX-License-Identifier: MIT
// What a scheme costs, counted in recorded runs: what goes over the interconnect, not nanoseconds.
#pragma once

#include <cstdint>

#include "core/machine/trace.h"

namespace lazymm
{

struct Cost {
	unsigned rmws = 0;	    ///< atomic RMWs on an mm's own lines, which CPUs share
	unsigned barriers = 0;	    ///< full barriers; a fully ordered RMW is one
	unsigned loads = 0;	    ///< page tables that the hardware was given (CR3 writes)
	unsigned ipis = 0;	    ///< interrupts sent to other CPUs
	unsigned grace_periods = 0; ///< waited for, and callbacks that had to

	bool operator==(const Cost &) const = default;
};

/// Of operations `first` .. `last` (over all scripts, cpu0's first), wherever they run, interrupt
/// handlers included. O(trace).
Cost cost(const machine::Trace &trace, unsigned first, unsigned last);
/// Of the whole run.
Cost cost(const machine::Trace &trace);

struct SchemeCost {
	Cost lazy_switch;      ///< user task to kernel thread and back to a thread of the same mm
	Cost exit;	       ///< of the last user of an mm on which another CPU is lazy
	unsigned deferred = 0; ///< mms that are still there when that exit has ended
};

/// Of a scheme that this build has, in two fixed schedules.
SchemeCost cost_of(const char *scheme);

} // namespace lazymm
