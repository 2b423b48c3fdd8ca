// SPDX-License-Identifier: MIT
// membarrier-fence (V6): "all its running thread siblings have passed through a state where all
// memory accesses to user-space addresses match program order between entry to and return from the
// system call" (membarrier(2)). By happens-before, as the machine's vector clocks have it, so that
// it speaks under sc already about what only a weaker machine would show.
//
// For each thread T that the call covers there is a point in T's program order such that whatever T
// did before it happens before the return, and whatever the caller did before the call happens
// before what T does behind it. Knowledge only grows, so that is: wherever T's user code may be,
// the caller knows of it at the return, or it knows of what the caller did before the call. Of what
// is neither, both accesses of a pair of membarrier-order can be made.
#include "core/oracles/user_history.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::KernelEvent;

/// Whether who has `clock` knows what was done until then.
bool knows(const machine::Clock &clock, const UserPoint &point)
{
	return clock.lane(point.cpu) >= point.known.lane(point.cpu);
}

class MembarrierFence final : public Oracle
{
public:
	const char *name() const override { return "membarrier-fence"; }
	const char *promise() const override
	{
		return "every thread that membarrier(2) covers passes a full barrier between call "
		       "and return";
	}
	std::uint64_t events() const override { return UserHistory::events(); }
	void begin(kernel::Kernel &kernel) override { history_.begin(kernel); }

	void on(const KernelEvent &event) override
	{
		switch (history_.on(event)) {
		case UserHistory::News::point:
			for (const MembarrierCall &call : history_.calls())
				if (call.returned >= 0)
					look(event, call, history_.points().back(), false);
			break;
		case UserHistory::News::returned:
			for (const UserPoint &point : history_.points())
				look(event, history_.last_returned(), point, true);
			break;
		default:
			break;
		}
	}

private:
	void look(const KernelEvent &event, const MembarrierCall &call, const UserPoint &point,
		  bool before)
	{
		if (call.point < 0 || !history_.covers(call, point.thread) ||
		    knows(point.known, history_.points()[call.point]) || knows(call.known, point))
			[[likely]]
			return;
		speak(event, std::string("no-barrier:") + kernel::name(call.cmd),
		      text(call, point, before));
	}

	std::string text(const MembarrierCall &call, const UserPoint &point, bool before) const
	{
		const UserThread &t = history_.threads()[point.thread];
		const std::string who = kernel::task_name(t.task.slot());
		return history_.words(call) + " on " + cpu_name(history_.points()[call.point].cpu) +
		       " has returned, and nothing orders it with the user code of " + who +
		       " on " + cpu_name(point.cpu) +
		       (before ? ": the caller need not see what " + who + " did before."
			       : ": " + who + " need not see what the caller did before the call.");
	}

	UserHistory history_;
};

REGISTER_ORACLE(MembarrierFence);

} // namespace
} // namespace lazymm::oracles
