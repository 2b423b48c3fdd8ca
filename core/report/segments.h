// SPDX-License-Identifier: MIT
// A trace cut into segments: the stretches in which one CPU was at one operation. Internal to
// reports.
#pragma once

#include "core/harness/run.h"

#include <vector>

namespace lazymm::report
{

struct Segment {
	std::size_t first = 0; ///< index of its first event
	std::size_t end = 0;   ///< behind its last one
	std::uint16_t op = 0;  ///< index over all scripts, or machine::kNoOp
	unsigned cpu = 0;
	bool begins = true; ///< the operation begins here
	/// The operation has ended, and with it the script: what happens here (an interrupt, a
	/// hotplug thread) only runs under its number.
	bool over = false;
	bool goes_on = false; ///< a later segment has more of the operation
	/// Decisions that cut the operation off at the end of this segment, at the beginning.
	const schedule::Decision *left_by = nullptr;
	const schedule::Decision *entered_by = nullptr;
};

/// The segments that a reader has to see. Dropped are turns of a waiting loop and of idle CPUs in
/// which nothing was said; what they separated is one segment again, so `first` .. `end` may hold
/// events of others: compare op and cpu.
std::vector<Segment> cut(const machine::Trace &trace, const std::vector<Taken> &taken);

/// Does the kernel say something here for which alone a reader wants to see the segment?
bool worth_showing(const machine::Event &event);

/// Is the event one of the segment's own?
inline bool belongs(const machine::Event &event, const Segment &segment)
{
	return event.op == segment.op && event.cpu == segment.cpu;
}

/// The last visible access of a segment before it was left by a decision, the first one of a
/// segment. Waits are none. `trace.events.size()` if there is none.
std::size_t last_access(const machine::Trace &trace, const Segment &segment);
std::size_t first_access(const machine::Trace &trace, const Segment &segment);

} // namespace lazymm::report
