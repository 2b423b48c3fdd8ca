// SPDX-License-Identifier: MIT
// What a run leaves behind: the trace, and the report of a race.
#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

void Machine::report_race(const PlainWord &word, AccessKind kind, const char *file, unsigned line)
{
	Cpu &cpu = this_cpu();
	settle(cpu);
	race_ = { &word, kind, file, line, cpu.index, cpu.index, false };
	for (unsigned i = 0; i < settings_.cpus; i++) {
		bool wrote = word.writes.lane(i) > cpu.known.lane(i);
		if (!wrote &&
		    (kind == AccessKind::plain_load || word.reads.lane(i) <= cpu.known.lane(i)))
			continue;
		race_.other_cpu = i;
		race_.other_wrote = wrote;
		break;
	}
	finish(Outcome::race);
}

/// When and where: what all events have.
Event Machine::event(const Cpu &cpu) const
{
	Event e;
	e.step = steps_;
	e.op = cpu.activity.op;
	e.at = cpu.activity.count;
	e.cpu = cpu.index;
	e.context = cpu.context->index;
	return e;
}

void Machine::record(const Cpu &cpu, const Access &access, std::uint64_t before,
		     std::uint64_t after)
{
	Event e = event(cpu);
	e.kind = access.kind;
	e.order = access.order;
	if (access.location) {
		e.name = access.location->name();
		if (access.location->owner())
			e.owner = *access.location->owner();
	} else if (access.what) {
		e.name = access.what;
	}
	e.site = access.site ? access.site->name() : nullptr;
	e.file = access.file;
	e.line = access.line;
	using Reordering = Event::Reordering;
	const bool load = access.kind == AccessKind::load;
	if (choice_ != 0 && (load || access.kind == AccessKind::store)) {
		e.reordering = load				 ? Reordering::older
			       : settings_.memory == Memory::tso ? Reordering::held
								 : Reordering::under;
		e.by = static_cast<std::uint8_t>(choice_);
	}
	e.before = before;
	e.after = after;
	tsan::Ignore ignore; // the allocator
	settings_.trace->events.push_back(e);
}

void Machine::note(std::uint8_t code, std::uint64_t a, std::uint64_t b, const char *text,
		   const Where &where)
{
	if (!settings_.trace)
		return;
	Event e = event(this_cpu());
	e.note = code;
	e.file = where.file_name();
	e.line = where.line();
	e.before = a;
	e.after = b;
	e.name = text;
	tsan::Ignore ignore;
	settings_.trace->events.push_back(e);
}

} // namespace lazymm::machine
