// SPDX-License-Identifier: MIT
// membarrier-order (V6): the contract of membarrier(2) alone, by the values that were read. The
// caller's access c comes before the call and c' behind it; a thread T that the call covers has t'
// and, behind a barrier() or a system call, t. It must never be that c' com t' and t com c (com:
// rf, fr or co, transitively, on one location):
//
//	caller			T			caller			T
//	c:  x = 1		t': y = 1		c:  reads y = 1		t': x = 1
//	membarrier		barrier()		membarrier		barrier()
//	c': reads y = 0		t:  reads x = 0		c': reads x = 0		t:  y = 1
//
// Scenarios A and B of the comment at the head of kernel/sched/membarrier.c; mixed ones count too.
// Under sc there is no such cycle, whatever the kernel does; membarrier-fence judges there.
#include "core/oracles/user_history.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::KernelEvent;

class MembarrierOrder final : public Oracle
{
public:
	const char *name() const override { return "membarrier-order"; }
	const char *promise() const override
	{
		return "what a covered thread reads and writes is ordered with what the caller of "
		       "membarrier(2) does before and after";
	}
	std::uint64_t events() const override { return UserHistory::events(); }
	void begin(kernel::Kernel &kernel) override { history_.begin(kernel); }

	void on(const KernelEvent &event) override
	{
		const UserHistory::News news = history_.on(event);
		if (news != UserHistory::News::access && news != UserHistory::News::placed)
			return;
		for (const MembarrierCall &call : history_.calls())
			if (call.returned >= 0)
				look(event, call);
	}

private:
	/// The caller's access with which `a` makes an end of the cycle, or nullptr: one before the
	/// call that `a` comes before (`tail`), or one behind it that comes before `a`.
	const UserAccess *partner(const MembarrierCall &call, const UserAccess &a, bool tail) const
	{
		const auto &all = history_.accesses();
		const int first = tail ? 0 : call.returned;
		const int end = tail ? call.before + 1 : static_cast<int>(all.size());
		for (int i = first; i < end; i++)
			if (all[i].thread == call.caller &&
			    (tail ? history_.com(a, all[i]) : history_.com(all[i], a)))
				return &all[i];
		return nullptr;
	}

	void look(const KernelEvent &event, const MembarrierCall &call)
	{
		const auto &all = history_.accesses();
		for (const UserAccess &t : all) {
			if (!history_.covers(call, t.thread))
				continue;
			const UserAccess *c = partner(call, t, true);
			if (!c)
				continue;
			for (const UserAccess &head : all) {
				if (&head == &t)
					break;
				if (head.thread != t.thread || head.segment >= t.segment)
					continue;
				if (const UserAccess *after = partner(call, head, false))
					speak(event, std::string("cycle:") + kernel::name(call.cmd),
					      text(call, *c, *after, head, t));
			}
		}
	}

	std::string text(const MembarrierCall &call, const UserAccess &c, const UserAccess &after,
			 const UserAccess &head, const UserAccess &t) const
	{
		const std::string who = kernel::task_name(history_.threads()[t.thread].task.slot());
		return history_.words(call) + " promises to order what " + who +
		       " separates by a barrier() with what comes before and after the call. But " +
		       history_.words(after) + " behind the call comes before " + who + "'s " +
		       history_.words(head) + ", and its " + history_.words(t) +
		       " behind that comes before the caller's " + history_.words(c) +
		       " before the call.";
	}

	UserHistory history_;
};

REGISTER_ORACLE(MembarrierOrder);

} // namespace
} // namespace lazymm::oracles
