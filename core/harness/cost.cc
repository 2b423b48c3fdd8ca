// SPDX-License-Identifier: MIT
#include "core/harness/cost.h"

#include <string_view>

#include "core/harness/run.h"
#include "core/machine/bug.h"
#include "core/schedule/text.h"

namespace lazymm
{

namespace
{

using kernel::EventKind;
using machine::AccessKind;
using machine::Event;
using machine::Order;

void add(Cost &cost, const Event &event)
{
	if (event.note) {
		const auto kind = static_cast<EventKind>(event.note);
		cost.loads += kind == EventKind::load_mm;
		cost.ipis += kind == EventKind::ipi;
		cost.grace_periods += kind == EventKind::rcu;
		return;
	}
	const bool rmw = event.kind == AccessKind::rmw;
	cost.rmws += rmw && event.owner.kind == std::string_view("mm");
	cost.barriers += event.kind == AccessKind::mb || (rmw && event.order == Order::full);
	cost.grace_periods +=
		event.kind == AccessKind::wait && event.name == std::string_view("synchronize_rcu");
}

Schedule parsed(const char *text, const char *scheme)
{
	auto parsed = schedule::parse_text(text, "cost");
	auto *schedule = std::get_if<Schedule>(&parsed);
	if (!schedule)
		machine::harness_bug("a schedule that costs are counted in does not parse");
	schedule->scheme = scheme;
	return std::move(*schedule);
}

// Operations 2 and 3 leave a thread for a kernel thread and come back.
constexpr const char *kLazySwitch = R"(lazymm-schedule 1
scheme refcount
cpus 1
cpu0
  thread B
  switch B
  switch kthread
  switch B
)";

// B's mm is lazily loaded on CPU1 when B, its only user, exits on CPU0.
constexpr const char *kExit = R"(lazymm-schedule 1
scheme refcount
cpus 2
cpu0
  fork B
  switch B        +1 run cpu1
  exit
cpu1
  switch B
  switch kthread
  switch idle     +1 run cpu0
)";
constexpr unsigned kExitOp = 2;

/// mms that somebody still keeps when operation `op` has ended, of those whose last user it was.
unsigned left_behind(const machine::Trace &trace, unsigned op)
{
	unsigned left = 0;
	for (const Event &event : trace.events) {
		const auto kind = static_cast<EventKind>(event.note);
		if (event.op != op || !event.note)
			continue;
		left += kind == EventKind::free_tables;
		left -= kind == EventKind::free_mm && left;
	}
	return left;
}

} // namespace

Cost cost(const machine::Trace &trace, unsigned first, unsigned last)
{
	Cost cost;
	for (const Event &event : trace.events)
		if (event.op >= first && event.op <= last)
			add(cost, event);
	return cost;
}

Cost cost(const machine::Trace &trace)
{
	return cost(trace, 0, machine::kNoOp); // the largest of all
}

SchemeCost cost_of(const char *scheme)
{
	Runner runner;
	SchemeCost out;
	const auto run = [&](const char *text) {
		const Schedule schedule = parsed(text, scheme);
		if (runner.prepare(schedule))
			machine::harness_bug("costs of a scheme that there is not");
		// None of that name: nobody speaks, in broken schemes either.
		return runner.run(schedule, { .record = true, .oracles = { "none" } });
	};
	out.lazy_switch = cost(*run(kLazySwitch).trace, 2, 3);
	const Result exit = run(kExit);
	out.exit = cost(*exit.trace, kExitOp, kExitOp);
	out.deferred = left_behind(*exit.trace, kExitOp);
	return out;
}

} // namespace lazymm
