// SPDX-License-Identifier: MIT
#include "core/report/segments.h"

#include "core/report/words.h"

#include <map>
#include <set>
#include <string_view>

namespace lazymm::report
{

using machine::AccessKind;
using machine::Event;
using machine::Trace;
using schedule::DecisionKind;

namespace
{

/// What CPUs wait for at the end of their scripts (harness/script.cc, machine/machine.cc).
constexpr std::string_view kScriptEnded = "nothing to do";

std::vector<Segment> raw_segments(const Trace &trace)
{
	std::vector<Segment> segments;
	std::set<std::uint16_t> over;
	bool cut = true;
	for (std::size_t i = 0; i < trace.events.size(); i++) {
		const Event &event = trace.events[i];
		if (cut || !belongs(event, segments.back()))
			segments.push_back({ .first = i,
					     .op = event.op,
					     .cpu = event.cpu,
					     .over = over.contains(event.op) });
		segments.back().end = i + 1;
		cut = event.kind == AccessKind::wait && !event.note && event.name == kScriptEnded &&
		      over.insert(event.op).second;
	}
	return segments;
}

/// Does the CPU turn to another operation right behind the segment?
bool other_operation_follows(const Trace &trace, const Segment &segment)
{
	for (std::size_t i = segment.end; i < trace.events.size(); i++) {
		if (trace.events[i].cpu == segment.cpu)
			return trace.events[i].op != segment.op;
	}
	return false;
}

/// The decision that took the CPU away from the segment's operation behind its last event, up to
/// position `to` of the operation.
const schedule::Decision *taken_away(const Trace &trace, const Segment &segment, unsigned to,
				     const std::vector<Taken> &taken)
{
	const unsigned first = trace.events[segment.first].at;
	const unsigned last = trace.events[segment.end - 1].at;
	for (const Taken &t : taken) {
		if (t.op != segment.op || t.decision.at > to)
			continue;
		if (t.decision.kind == DecisionKind::run && t.decision.at > last)
			return &t.decision;
		// It acts when interrupts and preemption are on, which may be later.
		if (t.decision.kind == DecisionKind::preempt && t.decision.at >= first &&
		    other_operation_follows(trace, segment))
			return &t.decision;
	}
	return nullptr;
}

/// Joins up the segments of each operation.
void link(std::vector<Segment> &segments, const Trace &trace, const std::vector<Taken> &taken)
{
	std::map<std::uint16_t, std::size_t> last;
	for (std::size_t i = 0; i < segments.size(); i++) {
		Segment &segment = segments[i];
		if (segment.op == machine::kNoOp) {
			segment.begins = false;
			continue;
		}
		const auto [it, fresh] = last.try_emplace(segment.op, i);
		if (fresh)
			continue;
		Segment &before = segments[it->second];
		it->second = i;
		segment.begins = false;
		before.goes_on = !segment.over;
		before.left_by = segment.entered_by =
			taken_away(trace, before, trace.events[segment.first].at, taken);
	}
	// What the run ended before it could go on.
	for (const auto &[op, index] : last)
		segments[index].left_by =
			taken_away(trace, segments[index], schedule::kMaxAt, taken);
}

bool has_something(const Trace &trace, const Segment &segment)
{
	if (segment.begins || segment.left_by || segment.entered_by)
		return true;
	for (std::size_t i = segment.first; i < segment.end; i++) {
		if (worth_showing(trace.events[i]))
			return true;
	}
	return false;
}

} // namespace

std::vector<Segment> cut(const Trace &trace, const std::vector<Taken> &taken)
{
	std::vector<Segment> all = raw_segments(trace);
	link(all, trace, taken);
	std::vector<Segment> kept;
	for (const Segment &segment : all) {
		Segment *before = kept.empty() ? nullptr : &kept.back();
		if (before && before->op == segment.op && before->cpu == segment.cpu &&
		    before->over == segment.over && !before->left_by) {
			before->end = segment.end;
			before->goes_on = segment.goes_on;
			before->left_by = segment.left_by;
		} else if (has_something(trace, segment)) {
			kept.push_back(segment);
		}
	}
	// The rest of an operation may have been dropped.
	std::set<std::uint16_t> later;
	for (std::size_t i = kept.size(); i-- > 0;) {
		kept[i].goes_on &= later.contains(kept[i].op);
		if (!kept[i].over)
			later.insert(kept[i].op);
	}
	return kept;
}

bool worth_showing(const Event &event)
{
	if (!event.note)
		return false;
	const kernel::KernelEvent said = kernel::from_note(event);
	// Every user task does that as soon as it runs: told where something else happens too.
	return said.kind != kernel::EventKind::tlb && !note_text(said, event.cpu).empty();
}

std::size_t last_access(const Trace &trace, const Segment &segment)
{
	for (std::size_t i = segment.end; i-- > segment.first;) {
		const Event &event = trace.events[i];
		// Behind a preemption stands what the interrupt's exit did before it took place.
		if (belongs(event, segment) && !event.note && event.kind != AccessKind::wait &&
		    event.at < segment.left_by->at)
			return i;
	}
	return trace.events.size();
}

std::size_t first_access(const Trace &trace, const Segment &segment)
{
	for (std::size_t i = segment.first; i < segment.end; i++) {
		const Event &event = trace.events[i];
		if (belongs(event, segment) && !event.note && event.kind != AccessKind::wait)
			return i;
	}
	return trace.events.size();
}

} // namespace lazymm::report
