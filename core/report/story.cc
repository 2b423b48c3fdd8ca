// SPDX-License-Identifier: MIT
#include "core/report/story.h"

#include "core/report/cast.h"
#include "core/report/segments.h"
#include "core/report/words.h"

#include <fmt/format.h>

namespace lazymm::report
{

using kernel::EventKind;
using machine::Event;
using machine::Trace;
using schedule::DecisionKind;
using schedule::Op;
using schedule::OpKind;

namespace
{

class Teller
{
public:
	Teller(const schedule::Schedule &schedule, const Result &result)
		: trace_(*result.trace), taken_(result.taken)
	{
		for (const std::vector<Op> &script : schedule.cpus) {
			for (const Op &op : script)
				ops_.push_back(&op);
		}
		told_.resize(taken_.size());
	}

	std::vector<Row> run()
	{
		for (const Segment &segment : cut(trace_, taken_))
			tell(segment);
		return std::move(rows_);
	}

private:
	void tell(const Segment &segment);
	void tell_event(const Segment &segment, std::size_t index);
	void head(const Segment &segment);
	void leave(const Segment &segment);
	void interrupts(const Segment &segment, std::size_t index);
	std::string remark(const Segment &segment, const Op &op) const;
	const Event *find(const Segment &segment, EventKind kind) const;
	bool said_by_note(std::size_t index) const;
	void catch_up(std::size_t index);

	void add(Row::Kind kind, const Segment &segment, std::string text, std::string remark = "")
	{
		const Event &event = trace_.events[at_];
		rows_.push_back({ kind, segment.cpu, std::move(text), std::move(remark), event.file,
				  event.line });
	}

	const Trace &trace_;
	const std::vector<Taken> &taken_;
	std::vector<bool> told_; ///< taken_ that have their row
	std::vector<const Op *> ops_;
	Cast cast_;
	std::size_t followed_ = 0;			 ///< events that cast_ has taken up
	std::size_t at_ = 0;				 ///< the event that is told of
	std::size_t shown_before_ = 0, shown_after_ = 0; ///< accesses of this segment to show
	const Event *absorbed_ = nullptr;		 ///< a note that the step's remark tells
	std::vector<Row> rows_;
};

void Teller::catch_up(std::size_t index)
{
	while (followed_ < index)
		cast_.follow(trace_.events[followed_++]);
}

/// The first note of that kind in the operation that begins with `segment`.
const Event *Teller::find(const Segment &segment, EventKind kind) const
{
	for (std::size_t i = segment.first; i < trace_.events.size(); i++) {
		const Event &event = trace_.events[i];
		if (event.op == segment.op && event.note == static_cast<unsigned>(kind))
			return &event;
	}
	return nullptr;
}

std::string Teller::remark(const Segment &segment, const Op &op) const
{
	const std::string by = cast_.current(segment.cpu);
	const std::string on = cast_.memory(segment.cpu);
	const Event *made = nullptr;
	switch (op.kind) {
	case OpKind::switch_to: {
		made = find(segment, EventKind::switched);
		if (!made)
			return "(no effect)";
		Cast after = cast_;
		for (std::size_t i = followed_; &trace_.events[i] <= made; i++)
			after.follow(trace_.events[i]);
		return fmt::format("({})", after.memory(made->cpu));
	}
	case OpKind::fork:
	case OpKind::thread:
		made = find(segment, EventKind::task_new);
		return made ? fmt::format("(by {}: {})", by, mm_name(kernel::from_note(*made).mm))
			    : fmt::format("(by {}: no effect)", by);
	case OpKind::exec:
		made = find(segment, EventKind::mm_alloc);
		return made ? fmt::format("({}, {} -> {})", by, on,
					  mm_name(kernel::from_note(*made).mm))
			    : fmt::format("({}: no effect)", by);
	default:
		return fmt::format("({}, {})", by, on);
	}
}

void Teller::head(const Segment &segment)
{
	if (segment.over || segment.op >= ops_.size()) {
		add(Row::Kind::step, segment, fmt::format("(in {})", cast_.current(segment.cpu)));
		return;
	}
	const Op &op = *ops_[segment.op];
	if (!segment.begins) {
		add(Row::Kind::step, segment, fmt::format("({} goes on)", op_text(op)));
		return;
	}
	add(Row::Kind::step, segment, op_text(op), remark(segment, op));
	if (op.kind == OpKind::switch_to)
		absorbed_ = find(segment, EventKind::switched);
}

/// Is the access told by the kernel's own words right behind it?
bool Teller::said_by_note(std::size_t index) const
{
	if (index + 1 >= trace_.events.size() || !trace_.events[index + 1].note)
		return false;
	switch (kernel::from_note(trace_.events[index + 1]).kind) {
	case EventKind::grab:
	case EventKind::drop:
	case EventKind::users_get:
	case EventKind::users_put:
		return worth_showing(trace_.events[index + 1]);
	default:
		return false;
	}
}

/// Decisions about interrupts that fall before this event of the segment's operation.
void Teller::interrupts(const Segment &segment, std::size_t index)
{
	for (std::size_t i = 0; i < taken_.size(); i++) {
		const schedule::Decision &decision = taken_[i].decision;
		if (told_[i] || taken_[i].op != segment.op || decision.at > trace_.events[index].at)
			continue;
		told_[i] = true;
		if (decision.kind == DecisionKind::irq)
			add(Row::Kind::marker, segment, "-- interrupt --");
		else if (decision.kind == DecisionKind::defer)
			add(Row::Kind::marker, segment, "-- interrupt held back --");
	}
}

void Teller::tell_event(const Segment &segment, std::size_t index)
{
	const Event &event = trace_.events[index];
	at_ = index;
	interrupts(segment, index);
	if (event.note) {
		const kernel::KernelEvent said = kernel::from_note(event);
		std::string text = note_text(said, event.cpu);
		if (said.kind == EventKind::switched) {
			catch_up(index + 1);
			text = fmt::format("-> {} ({})", cast_.current(event.cpu),
					   cast_.memory(event.cpu));
		}
		if (!text.empty() && &event != absorbed_)
			add(Row::Kind::event, segment, std::move(text));
		return;
	}
	const bool choice = is_pick(event) && event.after != 0;
	const bool reordered = event.reordering != Event::Reordering::none ||
			       event.kind == machine::AccessKind::drain;
	const bool chosen =
		(index == shown_before_ || index == shown_after_) && !said_by_note(index);
	if (choice || chosen || reordered)
		add(Row::Kind::access, segment, access_text(event));
}

/// Says why an operation that is not over stops here.
void Teller::leave(const Segment &segment)
{
	if (segment.left_by) {
		add(Row::Kind::marker, segment,
		    segment.left_by->kind == DecisionKind::preempt
			    ? "-- preempted --"
			    : fmt::format("-- cpu{} goes first --", segment.left_by->arg));
		return;
	}
	for (std::size_t i = segment.end; i-- > segment.first && segment.goes_on;) {
		const Event &event = trace_.events[i];
		if (!belongs(event, segment) || event.note)
			continue;
		if (event.kind == machine::AccessKind::wait && !is_pick(event))
			add(Row::Kind::marker, segment, fmt::format("-- waits: {} --", event.name));
		return;
	}
}

void Teller::tell(const Segment &segment)
{
	shown_before_ = segment.left_by ? last_access(trace_, segment) : trace_.events.size();
	shown_after_ = segment.entered_by ? first_access(trace_, segment) : trace_.events.size();
	catch_up(segment.first);
	at_ = segment.first;
	head(segment);
	for (std::size_t i = segment.first; i < segment.end; i++) {
		if (belongs(trace_.events[i], segment))
			tell_event(segment, i);
	}
	leave(segment);
}

} // namespace

std::vector<Row> tell(const schedule::Schedule &schedule, const Result &result)
{
	if (!result.trace)
		return {};
	std::vector<Row> rows = Teller(schedule, result).run();
	if (result.finding && result.finding->cpu >= 0)
		rows.push_back({ Row::Kind::verdict, static_cast<unsigned>(result.finding->cpu),
				 "*** " + result.finding->kind, "", result.finding->file,
				 result.finding->line });
	return rows;
}

std::string op_text(const Op &op)
{
	const schedule::OpInfo &info = schedule::info(op.kind);
	if (info.operand == schedule::OperandKind::none)
		return info.name;
	return fmt::format("{} {}", info.name, schedule::operand_name(info.operand, op.operand));
}

} // namespace lazymm::report
