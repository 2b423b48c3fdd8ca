// SPDX-License-Identifier: MIT
// context (V8): __mmdrop() is called only where it may take the locks that it takes. It frees
// memory and takes pgd_lock, which others hold with interrupts and softirqs on (7283094ec3db), and
// it may wake a worker, which takes the rq lock (comment in finish_task_switch()).
//
// Preemption or interrupts off are no offence as such: finish_task_switch() drops with preemption
// off.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class Context final : public Oracle
{
public:
	const char *name() const override { return "context"; }
	const char *promise() const override
	{
		return "__mmdrop() runs outside of interrupts and without the rq lock";
	}
	std::uint64_t events() const override { return bit(EventKind::mmdrop_context); }

	void on(const KernelEvent &event) override
	{
		const unsigned where = static_cast<unsigned>(event.value);
		if (!(where & kForbidden)) [[likely]]
			return;
		// The rq lock first: it is the more particular thing to say.
		if (where & kernel::context::rq_lock)
			speak(event, "mmdrop-under-rq-lock", text(event, "with its rq lock held"));
		if (where & kernel::context::hardirq)
			speak(event, "mmdrop-in-hardirq", text(event, "in an interrupt handler"));
		speak(event, "mmdrop-in-softirq", text(event, "in a softirq"));
	}

private:
	static constexpr unsigned kForbidden =
		kernel::context::rq_lock | kernel::context::hardirq | kernel::context::softirq;

	static std::string text(const KernelEvent &event, const char *where)
	{
		return cpu_name(event.cpu) + " calls __mmdrop(" + mm_name(event.mm) + ") " + where +
		       ".";
	}
};

REGISTER_ORACLE(Context);

} // namespace
} // namespace lazymm::oracles
