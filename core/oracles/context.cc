// SPDX-License-Identifier: MIT
// context (V8): what may not be called from everywhere is not.
//
// __mmdrop() takes locks: it frees memory and takes pgd_lock, which others hold with interrupts and
// softirqs on (7283094ec3db), and it may wake a worker, which takes the rq lock (comment in
// finish_task_switch()). Preemption or interrupts off are no offence as such: finish_task_switch()
// drops with preemption off.
//
// Whoever waits for IPIs hears others' IPIs meanwhile: interrupts are on, and it is a task that
// waits (kernel/smp.c, lockdep_assert_irqs_enabled() and WARN_ON_ONCE(!in_task())).
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
		return "__mmdrop() runs outside of interrupts and without the rq lock; whoever "
		       "waits for IPIs is a task with interrupts on";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::mmdrop_context) | bit(EventKind::ipi_wait_context);
	}

	void on(const KernelEvent &event) override
	{
		if (event.kind == EventKind::ipi_wait_context)
			waits_for_ipis(event);
		else
			mmdrop(event);
	}

	void on_free(const KernelEvent &event) override { on(event); }

private:
	static constexpr unsigned kForbidden =
		kernel::context::rq_lock | kernel::context::hardirq | kernel::context::softirq;

	void mmdrop(const KernelEvent &event)
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

	/// The event is told only if something is wrong.
	[[noreturn]] void waits_for_ipis(const KernelEvent &event)
	{
		const unsigned where = static_cast<unsigned>(event.value);
		const std::string text = cpu_name(event.cpu) + " waits for other CPUs' IPIs ";
		if (where & kernel::context::hardirq)
			speak(event, "ipi-wait-in-hardirq", text + "in an interrupt handler.");
		if (where & kernel::context::softirq)
			speak(event, "ipi-wait-in-softirq", text + "in a softirq.");
		speak(event, "ipi-wait-irqs-off", text + "with interrupts off.");
	}

	static std::string text(const KernelEvent &event, const char *where)
	{
		return cpu_name(event.cpu) + " calls __mmdrop(" + mm_name(event.mm) + ") " + where +
		       ".";
	}
};

REGISTER_ORACLE(Context);

} // namespace
} // namespace lazymm::oracles
