// SPDX-License-Identifier: MIT
// stale-active-mm (V2): current->active_mm of every CPU is alive.
//
// And what a hazard pointer names is alive: while a CPU says that it holds an mm lazily without a
// count (EventKind::lazy_hold), nobody may free it.
//
// Looked at where it can become false: when an mm_struct is freed, for the current task of every
// CPU, and when a CPU gets another current task or another active_mm. Not looked at: tasks that are
// not current (hygiene, V4), and rq->prev_mm, which may dangle as long as nobody follows it.
//
// There is no grace for the CPU that frees: a scheme that lets go of its own lazy reference only in
// __mmdrop() (shootdown) has active_mm == &init_mm by the time the mm_struct goes, and in between
// it must not be interrupted.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class StaleActiveMm final : public Oracle
{
public:
	const char *name() const override { return "stale-active-mm"; }
	const char *promise() const override
	{
		return "current->active_mm of every CPU is an mm that is alive";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::free_mm) | bit(EventKind::switched) |
		       bit(EventKind::set_active) | bit(EventKind::warn) |
		       bit(EventKind::lazy_hold);
	}

	void begin(kernel::Kernel &kernel) override
	{
		kernel_ = &kernel;
		for (kernel::mm_ref &held : held_)
			held = {};
	}

	void on(const KernelEvent &event) override
	{
		switch (event.kind) {
		case EventKind::free_mm:
			for (int cpu = 0; cpu < static_cast<int>(kernel_->config().cpus); cpu++)
				if (same_mm(active_mm(cpu), event.mm))
					speak(event, "active-mm-freed", freed(event, cpu));
				else if (same_mm(held_[cpu], event.mm))
					speak(event, "hazard-pointer-dangles", dangles(event, cpu));
			break;
		case EventKind::lazy_hold:
			held_[event.cpu] = event.value ? event.mm : kernel::mm_ref{};
			break;
		case EventKind::switched:
		case EventKind::set_active:
			if (event.mm && !event.mm.valid()) [[unlikely]]
				speak(event, "active-mm-freed", taken_up(event));
			break;
		case EventKind::warn:
			if (about_active_mm(event.text))
				speak(event, "active-mm-freed", warned(event));
			break;
		default:
			break;
		}
	}

private:
	kernel::mm_ref active_mm(int cpu)
	{
		const kernel::task_struct *task = current_task(*kernel_, cpu);
		return task ? task->active_mm.peek() : kernel::mm_ref{};
	}

	std::string freed(const KernelEvent &event, int cpu)
	{
		return cpu_name(event.cpu) + " frees " + mm_name(event.mm) +
		       ", which is active_mm of " + current_name(*kernel_, cpu) + " on " +
		       cpu_name(cpu) + ".";
	}

	std::string dangles(const KernelEvent &event, int cpu)
	{
		return cpu_name(event.cpu) + " frees " + mm_name(event.mm) +
		       ", which the hazard pointer of " + cpu_name(cpu) + " names.";
	}

	std::string taken_up(const KernelEvent &event)
	{
		return cpu_name(event.cpu) + " runs " + current_name(*kernel_, event.cpu) +
		       " with active_mm = " + mm_name(event.mm) + ", which was freed.";
	}

	std::string warned(const KernelEvent &event)
	{
		return cpu_name(event.cpu) + ", running " + current_name(*kernel_, event.cpu) +
		       ": WARN_ON(" + event.text + ").";
	}

	kernel::Kernel *kernel_ = nullptr;
	kernel::mm_ref held_[kernel::kMaxCpus]; ///< by the CPU's hazard pointer
};

REGISTER_ORACLE(StaleActiveMm);

} // namespace
} // namespace lazymm::oracles
