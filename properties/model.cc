// SPDX-License-Identifier: MIT
#include "properties/model.h"

#include <fmt/format.h>

namespace lazymm::properties
{

using schedule::Op;
using schedule::OpKind;

namespace
{
constexpr unsigned kOwn = schedule::kUserTasks + 2; // kthread, idle of cpu0, of cpu1, ...
constexpr unsigned kMostMms = 10;		    // of the kernel's 16, some of which are kept
} // namespace

Model::Model(std::uint32_t order, unsigned cpu_count)
	: seed(order), turns(order), cpus(cpu_count), cpu(next_turn(turns, cpus)),
	  tasks(kOwn + 2 * cpus)
{
	tasks[0] = { .there = true, .mm = 1, .cpu = 0 };
	for (unsigned i = schedule::kUserTasks; i < tasks.size(); i++)
		tasks[i] = { .there = true, .kernel = true };
	for (unsigned i = 0; i < cpus; i++) {
		current[i] = i == 0 ? 0 : kOwn + 2 * i + 1;
		active[i] = i == 0;
		tasks[current[i]].cpu = static_cast<int>(i);
	}
}

/// A task of an operand.
unsigned Model::named(unsigned operand) const
{
	return operand < kOwn ? operand : operand + 2 * cpu;
}

bool Model::knows(const Op &op) const
{
	const Task &me = tasks[current[cpu]];
	switch (op.kind) {
	case OpKind::fork:
	case OpKind::thread: // whether RCU has freed the dead one is none of its business
		return !tasks[op.operand].died && users.size() < kMostMms;
	case OpKind::exec: // a kernel thread may become a user task
		return !me.kernel && users.size() < kMostMms;
	case OpKind::switch_to:
	case OpKind::exit:
	case OpKind::use_mm:
	case OpKind::unuse_mm:
	case OpKind::get:
	case OpKind::put:
	case OpKind::pin:
	case OpKind::unpin:
		return true;
	default:
		return false;
	}
}

void Model::run(unsigned task)
{
	if (!tasks[task].there || tasks[task].cpu >= 0)
		return;
	tasks[current[cpu]].cpu = -1;
	current[cpu] = task;
	tasks[task].cpu = static_cast<int>(cpu);
	if (tasks[task].mm)
		active[cpu] = tasks[task].mm; // else it is lazy on what is there
}

void Model::leave(int &mm)
{
	users[mm] -= mm > 0;
	mm = 0;
}

int Model::join(int mm)
{
	users[mm] += mm > 0;
	return mm;
}

int Model::make_mm()
{
	users.push_back(1);
	return static_cast<int>(users.size()) - 1;
}

void Model::carry_out(const Op &op)
{
	Task &me = tasks[current[cpu]];
	const bool idle = current[cpu] == kOwn + 2 * cpu + 1;
	const int his = op.operand < schedule::kUserTasks ? tasks[op.operand].mm : 0;
	switch (op.kind) {
	case OpKind::switch_to:
		run(named(op.operand));
		break;
	case OpKind::fork:
	case OpKind::thread:
		if (!me.kernel && !tasks[op.operand].there) {
			const int mm = op.kind == OpKind::thread ? join(me.mm) : make_mm();
			tasks[op.operand] = { .there = true, .mm = mm };
		}
		break;
	case OpKind::exec:
		leave(me.mm);
		me.mm = make_mm();
		active[cpu] = me.mm;
		break;
	case OpKind::exit:
		if (me.kernel)
			break;
		leave(me.got);
		leave(me.mm);
		me = { .died = true };
		run(kOwn + 2 * cpu + 1);
		break;
	case OpKind::use_mm:
		if (me.kernel && !me.used && !idle && his)
			active[cpu] = me.mm = me.used = join(his);
		break;
	case OpKind::unuse_mm:
		if (me.used)
			leave(me.used), me.mm = 0;
		break;
	case OpKind::get:
		if (!me.got && !idle)
			me.got = join(!me.pinned ? his : users[me.pinned] ? me.pinned : 0);
		break;
	case OpKind::put:
		leave(me.got);
		break;
	case OpKind::pin:
		if (!me.pinned && !idle)
			me.pinned = his;
		break;
	default:
		me.pinned = 0; // unpin
	}
	pass();
}

std::vector<std::string> Model::lines() const
{
	std::vector<std::string> all;
	for (unsigned i = 0; i < cpus; i++) {
		const unsigned at = current[i];
		const std::string task =
			at < kOwn ? schedule::kTaskNames[at]
				  : fmt::format("{}/{}", schedule::kTaskNames[kOwn + at % 2], i);
		all.push_back(fmt::format("CPU{} runs {}, mm {}, active_mm {}", i, task,
					  tasks[at].mm, active[i]));
	}
	for (std::size_t mm = 1; mm < users.size(); mm++)
		if (users[mm])
			all.push_back(fmt::format("mm{} has {} users", mm, users[mm]));
	return all;
}

} // namespace lazymm::properties
