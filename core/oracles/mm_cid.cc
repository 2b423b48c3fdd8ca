// SPDX-License-Identifier: MIT
// mm-cid (O13): threads of an mm that run at the same time have different concurrency ids. User
// space indexes what it takes for its own with them, without a lock.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class MmCid final : public Oracle
{
public:
	const char *name() const override { return "mm-cid"; }
	const char *promise() const override
	{
		return "threads of an mm that run at the same time have different mm_cids";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::mm_cid) | bit(EventKind::mm_cid_put);
	}

	void begin(kernel::Kernel &) override
	{
		for (Running &running : running_)
			running = {};
	}

	void on(const KernelEvent &event) override
	{
		const bool put = event.kind == EventKind::mm_cid_put;
		if (!put)
			running_[event.cpu] = {};
		if (event.value < 0)
			return;
		for (unsigned cpu = 0; cpu < kernel::kMaxCpus; cpu++)
			if (running_[cpu].cid == event.value && same_mm(running_[cpu].mm, event.mm))
				collide(event, cpu, put);
		if (!put)
			running_[event.cpu] = { event.mm, event.task, event.value };
	}

private:
	/// Who runs on a CPU and has a cid.
	struct Running {
		kernel::mm_ref mm;
		kernel::task_ref task;
		int cid = -1;
	};

	[[noreturn]] void collide(const KernelEvent &event, unsigned cpu, bool put)
	{
		const std::string who = kernel::task_name(running_[cpu].task.slot()) +
					", which runs on " + cpu_name(cpu) + ",";
		const std::string what =
			"mm_cid " + std::to_string(event.value) + " of " + mm_name(event.mm);
		if (put)
			speak(event, "freed-in-use",
			      "The " + what + " is freed while " + who + " has it.");
		speak(event, "duplicate",
		      kernel::task_name(event.task.slot()) + " gets the " + what + " while " + who +
			      " has it.");
	}

	Running running_[kernel::kMaxCpus];
};

REGISTER_ORACLE(MmCid);

} // namespace
} // namespace lazymm::oracles
