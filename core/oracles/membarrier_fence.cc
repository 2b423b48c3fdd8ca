// SPDX-License-Identifier: MIT
// membarrier-fence (V6): "all its running thread siblings have passed through a state where all
// memory accesses to user-space addresses match program order between entry to and return from the
// system call" (membarrier(2)). By happens-before, as the machine's vector clocks have it, so that
// it speaks under sc already about what only a weaker machine would show.
//
// For each thread T that the call covers there is a point in T's program order such that whatever T
// did before it happens before the return, and whatever the caller did before the call happens
// before what T does behind it. So there must be no t', and behind a barrier() or a system call t,
// such that t' is not known to the caller at the return, nor the caller's last access before the
// call to t: then c' could come before t' and t before c (membarrier-order).
#include "core/oracles/user_history.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::KernelEvent;

/// Whether who has `clock` knows of the access.
bool knows(const machine::Clock &clock, const UserAccess &access)
{
	return clock.lane(access.cpu) >= access.known.lane(access.cpu);
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
		case UserHistory::News::access:
			for (const MembarrierCall &call : history_.calls())
				if (call.returned >= 0)
					look(event, call, history_.accesses().back());
			break;
		case UserHistory::News::returned:
			for (const UserAccess &t : history_.accesses())
				look(event, history_.last_returned(), t);
			break;
		case UserHistory::News::nothing:
			break;
		}
	}

private:
	void look(const KernelEvent &event, const MembarrierCall &call, const UserAccess &t)
	{
		const auto &all = history_.accesses();
		if (call.before < 0 || !history_.covers(call, t.thread) ||
		    knows(t.known, all[call.before]))
			return;
		for (const UserAccess &head : all) {
			if (&head == &t)
				return;
			if (head.thread == t.thread && head.segment < t.segment &&
			    !knows(call.known, head))
				speak(event, std::string("no-barrier:") + kernel::name(call.cmd),
				      text(call, head, t));
		}
	}

	std::string text(const MembarrierCall &call, const UserAccess &head,
			 const UserAccess &t) const
	{
		const std::string who = kernel::task_name(history_.threads()[t.thread].task.slot());
		return history_.words(call) + " on " +
		       cpu_name(history_.accesses()[call.before].cpu) +
		       " promises a full barrier in " + who + ", which had none on " +
		       cpu_name(t.cpu) + ": the caller does not know of its " +
		       history_.words(head) + ", and its " + history_.words(t) +
		       " behind that does not know of the caller's " +
		       history_.words(history_.accesses()[call.before]) + " before the call.";
	}

	UserHistory history_;
};

REGISTER_ORACLE(MembarrierFence);

} // namespace
} // namespace lazymm::oracles
