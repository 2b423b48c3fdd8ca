// SPDX-License-Identifier: MIT
#include "core/oracles/ledger.h"

#include <algorithm>

namespace lazymm::oracles
{

using kernel::Holder;
using kernel::KernelEvent;
using kernel::mm_ref;

namespace
{
std::string times_word(int times)
{
	return times == 1 ? "" : " (" + std::to_string(times) + " times)";
}

/// "The lazy reference of CPU1", to begin a sentence with.
std::string subject(Holder holder, int id)
{
	std::string text = reference_name(holder, id);
	text[0] = static_cast<char>(text[0] - 'a' + 'A');
	return " " + text;
}

/// " by A on CPU0 (cpu.cc:80)"
std::string by(const kernel::task_struct *task, int cpu, const char *file, unsigned line)
{
	if (!task)
		return "";
	return " by " + kernel::task_name(task->slot) + " on " + cpu_name(cpu) +
	       at_place(file, line);
}
} // namespace

int called_for(kernel::Kernel &kernel, mm_ref mm, Holder holder, int id)
{
	if (holder == Holder::users)
		return kernel.mm(mm.slot()).mm_users.peek() > 0;
	if (id < 0)
		return 0;
	switch (holder) {
	case Holder::lazy: {
		if (!kernel.scheme().counts_lazy())
			return 0;
		const kernel::task_struct *task = current_task(kernel, id);
		return (task && !task->mm.peek() && same_mm(task->active_mm.peek(), mm)) +
		       same_mm(kernel.cpu_rq(id).prev_mm.peek(), mm);
	}
	case Holder::pin:
		return same_mm(kernel.task(id).pinned, mm);
	case Holder::use_mm:
		return same_mm(kernel.task(id).used, mm);
	case Holder::signal:
		return same_mm(kernel.task(id).oom_mm, mm);
	default:
		return 0;
	}
}

std::vector<Ledger::Line> Ledger::accounts(mm_ref mm) const
{
	if (!complete())
		return {};
	// Every mm is born with a reference for all of its users; whoever drops it, it is theirs.
	std::vector<Line> all{ { .mm = mm, .times = 1 } };
	// Boot gives init_mm to the idle tasks.
	for (unsigned cpu = 0; mm.slot() == 0 && cpu < kernel_->config().cpus; cpu++)
		all.push_back({ .mm = mm,
				.holder = Holder::lazy,
				.id = static_cast<std::int8_t>(cpu),
				.times = 1 });
	auto account = [&](Holder holder, int id) {
		return std::find_if(all.begin(), all.end(), [&](const Line &a) {
			return a.holder == holder && (holder == Holder::users || a.id == id);
		});
	};
	for (unsigned i = 0; i < used_; i++) {
		const Line &line = lines_[i];
		if (!same_mm(line.mm, mm))
			continue;
		auto a = account(line.holder, line.id);
		if (a == all.end()) {
			all.push_back(line);
			continue;
		}
		const int times = a->times + line.times;
		if ((times > 0) == (line.times > 0))
			*a = line;
		a->times = static_cast<std::int16_t>(times);
	}
	// Who drops a reference need not be who took it: a task may move to another CPU before the
	// end of exec_mmap(), and what is in a mailbox was taken with mm_unlazy_mm_count()'s batch.
	for (Line &debt : all) {
		for (Line &a : all) {
			if (a.holder != debt.holder &&
			    !(debt.holder == Holder::mailbox && a.holder == Holder::unlazy))
				continue;
			const int spare = a.times - called_for(*kernel_, mm, a.holder, a.id);
			const int moved = std::min(spare, -debt.times);
			if (moved <= 0)
				continue;
			a.times = static_cast<std::int16_t>(a.times - moved);
			debt.times = static_cast<std::int16_t>(debt.times + moved);
		}
	}
	return all;
}

std::string Ledger::never_taken(mm_ref mm) const
{
	std::string text;
	for (const Line &a : accounts(mm))
		if (a.times < 0)
			text += subject(a.holder, a.id) + " was dropped" +
				by(a.task, a.cpu, a.file, a.line) + " but never taken" +
				times_word(-a.times) + ".";
	return text;
}

std::string Ledger::left_over(mm_ref mm, bool all) const
{
	std::string text;
	for (const Line &a : accounts(mm)) {
		const int due = all ? 0 : called_for(*kernel_, mm, a.holder, a.id);
		if (a.times > due)
			text += subject(a.holder, a.id) + " was taken" +
				by(a.task, a.cpu, a.file, a.line) + " and never dropped" +
				times_word(a.times - due) + ".";
	}
	return text;
}

std::string Ledger::never_dropped(mm_ref mm) const
{
	std::string text = left_over(mm, false);
	return text.empty() ? left_over(mm, true) : text;
}

std::string Ledger::missing(mm_ref mm) const
{
	std::string text = never_taken(mm);
	if (!text.empty() || !complete())
		return text;
	// Nobody dropped too much, so somebody never took it.
	const std::vector<Line> all = accounts(mm);
	auto look = [&](Holder holder, int id) {
		int times = 0;
		for (const Line &a : all)
			if (a.holder == holder && a.id == id)
				times = a.times;
		if (called_for(*kernel_, mm, holder, id) > times)
			text += subject(holder, id) + " was never taken.";
	};
	look(Holder::users, -1);
	for (unsigned cpu = 0; cpu < kernel_->config().cpus; cpu++)
		look(Holder::lazy, static_cast<int>(cpu));
	for (unsigned slot = 0; slot < kernel::kTasks; slot++)
		for (Holder holder : { Holder::pin, Holder::use_mm, Holder::signal })
			look(holder, static_cast<int>(slot));
	return text;
}

} // namespace lazymm::oracles
