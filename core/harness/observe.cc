// SPDX-License-Identifier: MIT
#include "core/harness/observe.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/kernel/user.h"

namespace lazymm
{

namespace
{

using kernel::EventKind;
using kernel::Kernel;
using kernel::KernelEvent;

/// An oracle that never speaks.
class Observer final : public oracles::Oracle
{
public:
	explicit Observer(Observed &observed) : observed_(observed) {}

	const char *name() const override { return "observer"; }
	const char *promise() const override { return "none: it only looks"; }
	std::uint64_t events() const override
	{
		return bit(EventKind::membarrier_return) | bit(EventKind::membarrier_registered) |
		       bit(EventKind::user_load);
	}

	void begin(Kernel &) override { observed_ = {}; }

	void on(const KernelEvent &event) override
	{
		const std::string who = kernel::task_name(event.task.slot());
		if (event.kind == EventKind::user_load)
			say("{} reads {} = {}", who,
			    kernel::user_var_name(static_cast<unsigned>(event.count)), event.value);
		else if (event.kind == EventKind::membarrier_registered)
			say("{} registers for {}: {}", who, event.text, event.count);
		else
			say("membarrier({}) of {}: {}", event.text, who, event.count);
	}

	void end(Kernel &kernel, machine::Outcome outcome) override
	{
		if (outcome != machine::Outcome::completed)
			return;
		for (unsigned cpu = 0; cpu < kernel.config().cpus; cpu++) {
			const auto *task = static_cast<const kernel::task_struct *>(
				kernel.machine().cpu(cpu).task);
			say("CPU{} runs {}", cpu, kernel::task_name(task->slot));
		}
		const std::size_t mms = observed_.lines.size();
		for (unsigned slot = 0; slot < kernel::kMms; slot++)
			if (kernel.mm_allocated(slot))
				look_at(kernel, kernel.ref(kernel.mm(slot), slot));
		// By number: which memory they have depends on when others were freed.
		std::sort(observed_.lines.begin() + static_cast<std::ptrdiff_t>(mms),
			  observed_.lines.end());
	}

private:
	template <class... Arguments>
	void say(fmt::format_string<Arguments...> format, Arguments &&...arguments)
	{
		observed_.lines.push_back(
			fmt::format(format, std::forward<Arguments>(arguments)...));
	}

	/// Somebody but the scheme has a reference.
	static bool in_use(Kernel &kernel, kernel::mm_ref mm)
	{
		bool used = kernel.mm(mm.slot()).mm_users.peek() > 0;
		for (unsigned i = 0; i < kernel::kTasks; i++) {
			const kernel::task_struct &task = kernel.task(i);
			used |= task.allocated &&
				(task.pinned == mm || task.oom_mm == mm || task.used == mm);
		}
		return used;
	}

	void look_at(Kernel &kernel, kernel::mm_ref mm)
	{
		if (in_use(kernel, mm) || mm == kernel.init_mm())
			say("mm{}: in use", mm.number());
		else if (kernel.scheme().expected_mm_count(kernel, mm) > 0)
			observed_.kept++;
		else
			say("mm{}: nobody uses it, and it is there", mm.number());
	}

	Observed &observed_;
};

} // namespace

Result run_in_turn(Runner &runner, const Schedule &schedule, Observed &observed)
{
	Schedule plain = schedule;
	for (auto &script : plain.cpus)
		for (schedule::Op &op : script)
			op.decisions.clear();
	if (!plain.search)
		plain.search.emplace();
	Observer observer(observed);
	return runner.run(plain, { .record = true, .in_turn = true, .observer = &observer });
}

} // namespace lazymm
