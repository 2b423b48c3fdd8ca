// SPDX-License-Identifier: MIT
// progress (V9): every operation ends. A deadlock or livelock is proven by the machine: no CPU can
// move, and none ever will. That a run is cut off, or that free mode saw nothing move for a while,
// is no proof, and is said to be none.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using machine::Outcome;
using machine::Wait;

/// Somebody who did not get on.
struct Stuck {
	std::string words; ///< "CPU0 (A) waits for pgd_lock"
	const char *what;
	/// How telling the wait is. Whoever is stuck for good is most often at a lock with
	/// interrupts off; others wait for it, spinning or asleep.
	enum Rank : unsigned { nothing_to_do, sleeps, spins, spins_irqs_off } rank;
	int cpu;

	/// What the finding is named after: by what is waited for and not by whose number, so that
	/// the name stays when the minimiser takes CPUs away or turns them round.
	bool tells_more_than(const Stuck &other) const
	{
		return rank != other.rank ? rank > other.rank : std::strcmp(what, other.what) < 0;
	}
};

/// What a task that is on no CPU waits for; task_struct::sleeping points to a stack that is gone.
const char *sleeps_on(const kernel::task_struct &task)
{
	return task.sleeping ? task.sleeps_on : "a CPU";
}

Stuck stuck_cpu(kernel::Kernel &kernel, unsigned i)
{
	const machine::Cpu &cpu = kernel.machine().cpu(i);
	const Wait &w = cpu.stuck_in; // Cpu::wait itself went with the stack it was on
	const std::string name = cpu_name(static_cast<int>(i));
	if (w.idle)
		return { name + " has nothing to do", w.what, Stuck::nothing_to_do,
			 static_cast<int>(i) };
	Stuck::Rank rank = w.sleeps	  ? Stuck::sleeps
			   : cpu.irqs_off ? Stuck::spins_irqs_off
					  : Stuck::spins;
	return { name + " (" + current_name(kernel, static_cast<int>(i)) + ") " +
			 (w.sleeps ? "sleeps on " : "waits for ") + w.what +
			 (cpu.irqs_off ? " with interrupts off" : ""),
		 w.what, rank, static_cast<int>(i) };
}

std::vector<Stuck> all_stuck(kernel::Kernel &kernel)
{
	std::vector<Stuck> all;
	for (unsigned i = 0; i < kernel.machine().cpus(); i++)
		all.push_back(stuck_cpu(kernel, i));
	for (unsigned i = 0; i < kernel::kTasks; i++) {
		const kernel::task_struct &task = kernel.task(i);
		if (task.allocated && task.unfinished && !task.on_cpu.peek())
			all.push_back({ kernel::task_name(i) + ", on no CPU, waits for " +
						sleeps_on(task),
					sleeps_on(task), Stuck::sleeps, -1 });
	}
	return all;
}

class Progress final : public Oracle
{
public:
	const char *name() const override { return "progress"; }
	const char *promise() const override
	{
		return "every operation ends: no deadlock, no livelock";
	}

	void end(kernel::Kernel &kernel, Outcome outcome) override
	{
		switch (outcome) {
		case Outcome::deadlock:
			proven(kernel, "deadlock:", "Nobody can go on: ");
			break;
		case Outcome::livelock:
			proven(kernel, "livelock:",
			       "Whoever spins waits for a store that nobody will make: ");
			break;
		case Outcome::limit:
			speak_at_end("no-end",
				     "The run did not end within " +
					     std::to_string(machine::Machine::kMaxAccesses) +
					     " visible accesses. That is a bound, not a proof that "
					     "it never would.");
			break;
		case Outcome::stuck:
			speak_at_end("stuck",
				     "Nothing moved for a while. In free mode that is a suspicion, "
				     "not a proof.");
			break;
		default:
			break;
		}
	}

private:
	void proven(kernel::Kernel &kernel, const char *kind, std::string text)
	{
		const std::vector<Stuck> all = all_stuck(kernel);
		const Stuck &most = *std::min_element(
			all.begin(), all.end(),
			[](const Stuck &a, const Stuck &b) { return a.tells_more_than(b); });
		for (const Stuck &stuck : all)
			text += stuck.words + (&stuck == &all.back() ? "." : "; ");
		speak_at_end(std::string(kind) + most.what, std::move(text), most.cpu);
	}
};

REGISTER_ORACLE(Progress);

} // namespace
} // namespace lazymm::oracles
