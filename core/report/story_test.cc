// SPDX-License-Identifier: MIT
#include "core/report/story.h"

#include "core/report/words.h"

#include <gtest/gtest.h>

namespace lazymm::report
{
namespace
{

using kernel::EventKind;
using machine::AccessKind;
using machine::Event;
using machine::Order;
using schedule::Decision;
using schedule::DecisionKind;
using schedule::Op;
using schedule::OpKind;

/// A run made by hand: one event after the other, as the machine records them.
class Recorder
{
public:
	Recorder()
	{
		result.trace.emplace();
		run.cpus.assign(2, {});
	}

	void op(unsigned cpu, OpKind kind, unsigned operand = 0)
	{
		run.cpus[cpu].push_back({ kind, static_cast<std::uint8_t>(operand), {} });
	}
	Event &event(unsigned cpu, unsigned op, unsigned at)
	{
		Event e;
		e.step = static_cast<std::uint32_t>(result.trace->events.size() + 1);
		e.cpu = static_cast<std::uint8_t>(cpu);
		e.op = static_cast<std::uint16_t>(op);
		e.at = static_cast<std::uint16_t>(at);
		result.trace->events.push_back(e);
		return result.trace->events.back();
	}
	void store(unsigned cpu, unsigned op, unsigned at, const char *name, std::uint64_t value)
	{
		Event &e = event(cpu, op, at);
		e.kind = AccessKind::store;
		e.name = name;
		e.after = value;
	}
	void wait(unsigned cpu, unsigned op, unsigned at, const char *what, unsigned of = 0)
	{
		Event &e = event(cpu, op, at);
		e.kind = AccessKind::wait;
		e.name = what;
		e.before = of;
		e.after = of ? of - 1 : 0;
	}
	/// As events.cc packs it.
	void note(unsigned cpu, unsigned op, unsigned at, EventKind kind, unsigned mm, int count,
		  unsigned task = 0xff)
	{
		Event &e = event(cpu, op, at);
		e.note = static_cast<std::uint8_t>(kind);
		e.before = mm | std::uint64_t(std::uint16_t(count)) << 16 | std::uint64_t(1) << 32;
		e.after = std::uint64_t(kernel::Holder::users) | 0xff00 | std::uint64_t(task) << 16;
	}
	void taken(unsigned op, unsigned at, DecisionKind kind, unsigned arg = 0)
	{
		result.taken.push_back({ static_cast<std::uint16_t>(op),
					 { static_cast<std::uint16_t>(at), kind,
					   static_cast<std::uint8_t>(arg) } });
	}
	/// "0 step: text" for each row.
	std::vector<std::string> story() const
	{
		constexpr const char *kinds[] = { "step", "event", "access", "marker", "verdict" };
		std::vector<std::string> lines;
		for (const Row &row : tell(run, result)) {
			std::string line = std::to_string(row.cpu) + " ";
			line += kinds[static_cast<unsigned>(row.kind)];
			line += ": " + row.text;
			lines.push_back(line + (row.remark.empty() ? "" : " " + row.remark));
		}
		return lines;
	}

	schedule::Schedule run;
	Result result;
};

using Lines = std::vector<std::string>;

TEST(Story, AnotherCpuGoesFirst)
{
	Recorder r;
	r.op(0, OpKind::put);
	r.op(1, OpKind::touch);
	r.taken(0, 3, DecisionKind::run, 1);
	r.store(0, 0, 1, "x", 1);
	r.store(0, 0, 2, "x", 2);
	r.store(1, 1, 1, "y", 1);
	r.store(0, 0, 3, "x", 3);
	r.store(0, 0, 4, "x", 4);
	EXPECT_EQ(r.story(),
		  (Lines{ "0 step: put (A, mm1)", "0 access: WRITE_ONCE(x, 2)",
			  "0 marker: -- cpu1 goes first --", "1 step: touch (idle/1, lazy init_mm)",
			  "0 step: (put goes on)", "0 access: WRITE_ONCE(x, 3)" }));
}

TEST(Story, PreemptedAndNeverBack)
{
	Recorder r;
	r.op(0, OpKind::exec);
	r.op(0, OpKind::switch_to, 1);
	r.taken(0, 2, DecisionKind::preempt);
	r.store(0, 0, 1, "x", 1);
	r.store(0, 0, 3, "active", 1); // the interrupt's exit
	r.store(0, 1, 1, "y", 1);
	EXPECT_EQ(r.story(),
		  (Lines{ "0 step: exec (A: no effect)", "0 access: WRITE_ONCE(x, 1)",
			  "0 marker: -- preempted --", "0 step: switch B (no effect)" }));
}

TEST(Story, WaitsAreToldOnlyIfSomethingHappensMeanwhile)
{
	Recorder r;
	r.op(0, OpKind::put);
	r.op(1, OpKind::touch);
	r.wait(0, 0, 1, "rq0.lock");
	r.wait(1, machine::kNoOp, 1, "nothing to do");
	r.store(0, 0, 2, "x", 1);
	r.wait(0, 0, 3, "IPI");
	r.store(1, 1, 1, "y", 1);
	r.note(0, 0, 4, EventKind::free_mm, 1, 0);
	EXPECT_EQ(r.story(), (Lines{ "0 step: put (A, mm1)", "0 marker: -- waits: IPI --",
				     "1 step: touch (idle/1, lazy init_mm)",
				     "0 step: (put goes on)", "0 event: mm1 freed" }));
}

TEST(Story, WhatRunsAfterTheScriptIsNotTheOperation)
{
	Recorder r;
	r.op(1, OpKind::touch);
	r.store(1, 0, 1, "x", 1);
	r.wait(1, 0, 2, "nothing to do");
	r.note(1, 0, 3, EventKind::users_put, 1, 0);
	EXPECT_EQ(r.story(), (Lines{ "1 step: touch (idle/1, lazy init_mm)", "1 step: (in idle/1)",
				     "1 event: mm1.mm_users 1 -> 0" }));
}

TEST(Story, SwitchesSayWhichMm)
{
	Recorder r;
	r.op(1, OpKind::switch_to, 0); // A
	r.op(1, OpKind::switch_to, 6); // K
	r.note(1, 0, 1, EventKind::switched, 1, 0, 0);
	r.note(1, 1, 1, EventKind::switched, 1, 0, 6);
	r.note(1, 1, 2, EventKind::switched, 0, 0, 17);
	EXPECT_EQ(r.story(), (Lines{ "1 step: switch A (mm1)", "1 step: switch K (lazy mm1)",
				     "1 event: -> cpuhp/1 (lazy init_mm)" }));
}

TEST(Story, InterruptsAndChoices)
{
	Recorder r;
	r.op(0, OpKind::rcu);
	r.taken(0, 2, DecisionKind::irq);
	r.taken(0, 3, DecisionKind::defer, 7);
	r.taken(0, 4, DecisionKind::pick, 1);
	r.store(0, 0, 1, "x", 1);
	r.store(0, 0, 2, "x", 2);
	r.store(0, 0, 3, "x", 3);
	r.wait(0, 0, 4, "RCU callback", 2);
	EXPECT_EQ(r.story(), (Lines{ "0 step: rcu (A, mm1)", "0 marker: -- interrupt --",
				     "0 marker: -- interrupt held back --",
				     "0 access: picks 2 of 2: RCU callback" }));
}

TEST(Story, TheVerdictStandsLast)
{
	Recorder r;
	r.op(0, OpKind::put);
	r.note(0, 0, 1, EventKind::drop, 1, 0);
	r.result.finding = Finding{ "mm-count", "live-mm-freed", "", "", 0, 0, 1 };
	EXPECT_EQ(r.story(), (Lines{ "0 step: put (A, mm1)", "0 event: mm1.mm_count 1 -> 0 (users)",
				     "0 verdict: *** live-mm-freed" }));
}

TEST(Story, WithoutATraceNothing)
{
	EXPECT_TRUE(tell({}, {}).empty());
}

TEST(Words, Accesses)
{
	Event e;
	e.name = "lazy_mm";
	e.owner = { "rq", 1 };
	e.after = std::uint64_t(1) << 32 | 0x10002;
	EXPECT_EQ(access_text(e), "READ_ONCE(rq1.lazy_mm) = mm1");
	e.order = Order::acquire;
	EXPECT_EQ(access_text(e), "smp_load_acquire(rq1.lazy_mm) = mm1");
	e.kind = AccessKind::store;
	e.order = Order::release;
	e.after = 0;
	EXPECT_EQ(access_text(e), "smp_store_release(rq1.lazy_mm, NULL)");
	e.kind = AccessKind::plain_load;
	e.after = 0x10001;
	EXPECT_EQ(access_text(e), "reads rq1.lazy_mm = init_mm");
	e.kind = AccessKind::rmw;
	e.name = "mm_count";
	e.owner = { "mm", 2 };
	e.before = 0;
	e.after = 0xffffffff;
	EXPECT_EQ(access_text(e), "mm2.mm_count: 0 -> -1");
	e.kind = AccessKind::mb;
	e.site = "a: pairs with b";
	EXPECT_EQ(access_text(e), "smp_mb() /* a: pairs with b */");
}

} // namespace
} // namespace lazymm::report
