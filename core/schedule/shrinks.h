// SPDX-License-Identifier: MIT
// What a minimiser tries next: simpler schedules, one after the other, the biggest cuts first.
//
// Cutting an operation renumbers nothing in the others, because decisions are anchored to their
// operation. The cuts, in this order:
//  - a CPU with its script; a CPU whose script goes to the end of another's
//  - a whole script, halves, quarters, ... single operations (ddmin: Zeller, Hildebrandt:
//    "Simplifying and isolating failure-inducing input", TSE 2002), from the end, where what comes
//    after the violation stands
//  - two operations, of the same or of two CPUs: `pin` and `unpin` only fall together
//  - the search
//  - all decisions, halves, quarters, ... single ones
//  - an anchor halved, or less by one
//  - a simpler decision: irq or run for preempt, run for irq, a smaller argument
//  - a task renamed to an earlier one in the whole schedule; a plainer operand
#pragma once

#include "core/schedule/schedule.h"

namespace lazymm::schedule
{

/// Generates the candidates for one schedule. Lazy: a candidate costs linear time when it is asked
/// for; there are O(n^2) of them for n operations, most of them pairs.
class Shrinks
{
public:
	/// An `origin` beyond the limits (limits.h) is clipped; all candidates are within them.
	explicit Shrinks(Schedule origin);

	/// Make `out` the next candidate, reusing its storage; false when there is none left, and
	/// `out` is then unspecified. By size() (size.h) each candidate is smaller than the origin.
	bool next(Schedule &out);

private:
	Schedule origin_;
	unsigned stage_ = 0;
	std::size_t index_ = 0;
};

} // namespace lazymm::schedule
