// SPDX-License-Identifier: MIT
#include "core/report/cast.h"

#include "core/report/words.h"

#include <string_view>

namespace lazymm::report
{

namespace
{

/// Slots as boot lays them out (kernel.cc): A..F, K, L, then kthreads, idle tasks, hotplug threads.
constexpr unsigned kFirstIdle = kernel::kUserTasks + 2 + kernel::kMaxCpus;

} // namespace

Cast::Cast()
{
	tasks_[0] = { "mm1", false };
	for (unsigned cpu = 0; cpu < kernel::kMaxCpus; cpu++) {
		current_[cpu] = cpu ? kFirstIdle + cpu : 0;
		loaded_[cpu] = cpu ? "init_mm" : "mm1";
		tasks_[kFirstIdle + cpu].active = "init_mm";
	}
}

void Cast::follow(const machine::Event &event)
{
	if (event.note) {
		const kernel::KernelEvent said = kernel::from_note(event);
		if (said.kind == kernel::EventKind::load_mm)
			loaded_[event.cpu] = mm_name(said.mm);
		if (!said.task || said.task.number() >= tasks_.size())
			return;
		Task &task = tasks_[said.task.number()];
		if (said.kind == kernel::EventKind::switched) {
			current_[event.cpu] = said.task.number();
			if (said.mm)
				task.active = mm_name(said.mm);
		} else if (said.kind == kernel::EventKind::task_new) {
			task = { mm_name(said.mm), false };
		}
		return;
	}
	if (!machine::is_write(event.kind))
		return;
	const std::string_view location = event.name;
	if (location != "active_mm" && location != "mm")
		return;
	Task *task = find(event.owner.kind);
	if (!task)
		return;
	if (location == "mm")
		task->lazy = event.after == 0;
	else
		task->active = event.after ? value_text(event, event.after) : "";
}

Cast::Task *Cast::find(const char *comm)
{
	for (unsigned slot = 0; slot < tasks_.size(); slot++) {
		if (kernel::task_name(slot) == comm)
			return &tasks_[slot];
	}
	return nullptr;
}

std::string Cast::current(unsigned cpu) const
{
	return kernel::task_name(current_[cpu]);
}

std::string Cast::memory(unsigned cpu) const
{
	const Task &task = tasks_[current_[cpu]];
	const std::string &mm = task.active.empty() ? loaded_[cpu] : task.active;
	return task.lazy ? "lazy " + mm : mm;
}

bool Cast::idle(unsigned cpu) const
{
	return current_[cpu] >= kFirstIdle && current_[cpu] < kFirstIdle + kernel::kMaxCpus;
}

} // namespace lazymm::report
