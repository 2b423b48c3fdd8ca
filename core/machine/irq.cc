// SPDX-License-Identifier: MIT
// Interrupts and preemption counts of a CPU.
#include "core/machine/bug.h"
#include "core/machine/free.h"
#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

void Machine::raise(unsigned target, void (*fn)(void *), void *arg)
{
	Cpu &c = cpus_[target];
	if (stepped() && target != this_cpu().index)
		drain(this_cpu());
	IrqLock lock(c, !stepped());
	std::uint8_t n = c.irq_count.load(std::memory_order_relaxed);
	// As in hardware, what is pending already does not become more pending.
	for (unsigned i = 0; i < n; i++) {
		const Irq &pending = c.irqs[(c.irq_first + i) % Cpu::kIrqs];
		if (pending.fn == fn && pending.arg == arg)
			return;
	}
	if (n == Cpu::kIrqs)
		harness_bug("interrupt queue overflow");
	Irq &irq = c.irqs[(c.irq_first + n) % Cpu::kIrqs];
	irq.fn = fn;
	irq.arg = arg;
	if (stepped()) {
		irq.sent = Clocks::release(this_cpu());
		irq.fenced = joined(this_cpu().fenced, this_cpu().seen_fenced);
		settle(c);
	}
	tsan::release(&irq);
	c.irq_count.store(n + 1, std::memory_order_release);
}

/// Delivers what is pending, one after the other, on the stack of whatever is current. `now`: an
/// interrupt that was held back comes too. The policy is asked about the first one only: a position
/// has one answer.
void Machine::take_irqs(bool now)
{
	for (bool first = true;; first = false) {
		Cpu &cpu = this_cpu();
		if (!irq_deliverable(cpu))
			return;
		if (stepped() && !now) {
			if (cpu.held_back_until > cpu.activity.count)
				return;
			if (first && !cpu.held_back_until) {
				tsan::Ignore ignore;
				std::uint32_t n = settings_.policy->hold_back(cpu);
				cpu.activity.ask_at = settings_.policy->next_question(cpu);
				if (n) {
					cpu.held_back_until = cpu.activity.count + n;
					return;
				}
			}
		}
		deliver(cpu);
	}
}

void Machine::deliver(Cpu &cpu)
{
	drain(cpu);
	Irq irq;
	{
		IrqLock lock(cpu, !stepped());
		Irq &slot = cpu.irqs[cpu.irq_first];
		irq = slot;
		tsan::acquire(&slot);
		cpu.irq_first = (cpu.irq_first + 1) % Cpu::kIrqs;
		cpu.irq_count.fetch_sub(1, std::memory_order_relaxed);
	}
	cpu.held_back_until = 0;
	if (!cpu.preempt_count)
		next_section(cpu);
	cpu.irqs_off = true;
	cpu.hardirq_depth++;
	if (stepped()) {
		Clocks::acquire(cpu, irq.sent);
		if (settings_.memory == Memory::weak) {
			cpu.fenced.join(irq.fenced);
			cpu.published.join(irq.fenced);
		}
		grant(cpu);
	}
	irq.fn(irq.arg);
	// A handler does not schedule: this is still the same CPU.
	cpu.hardirq_depth--;
	cpu.irqs_off = false;
	cpu.maybe_section_over();
	settle(cpu);
	if (irq_exit)
		irq_exit();
	drain(this_cpu()); // IRET serialises
}

void Machine::begin_section()
{
	if (this_cpu().irqs_off || this_cpu().preempt_count)
		return;
	point();
	next_section(this_cpu()); // maybe another CPU than before
}

void Machine::next_section(Cpu &cpu)
{
	cpu.sections.store(cpu.sections.load(std::memory_order_relaxed) + 1,
			   std::memory_order_relaxed);
	if (!stepped()) {
		// Pairs with the barrier that a grace period begins with: it sees this section, or
		// the section sees what was done before it.
		std::atomic_thread_fence(std::memory_order_seq_cst);
		return;
	}
	if (!cpu.quiescent_wanted) [[likely]]
		return;
	// Between the two sections the CPU passed a quiescent state (smp_mb() in
	// rcu_report_qs_rdp()'s callers): this one sees what was done before the grace period
	// began, although nobody has asked yet whether it is over.
	cpu.quiescent_wanted = false;
	while (cpu.held)
		commit(cpu);
	model_barrier(cpu, AccessKind::mb);
}

void Machine::irqs_off()
{
	begin_section();
	this_cpu().irqs_off = true;
}

void Machine::irqs_on()
{
	Cpu &cpu = this_cpu();
	tsan::release(&cpu.sections); // for quiescent()
	cpu.irqs_off = false;
	cpu.maybe_section_over();
	if (!cpu.irq_count.load(std::memory_order_acquire))
		return;
	settle(cpu);
	take_irqs(false);
	grant(this_cpu());
}

void Machine::preempt_disable()
{
	begin_section();
	this_cpu().preempt_count++;
}

void Machine::preempt_disable_here()
{
	Cpu &cpu = this_cpu();
	if (!cpu.irqs_off && !cpu.preempt_count)
		next_section(cpu);
	cpu.preempt_count++;
}

bool Machine::preempt_enable()
{
	tsan::release(&this_cpu().sections); // for quiescent()
	Cpu &cpu = this_cpu();
	cpu.preempt_count--;
	cpu.maybe_section_over();
	return cpu.preempt_count == 0;
}

void Machine::tick_irq(void *resched)
{
	Machine &machine = this_machine();
	if (machine.tick)
		machine.tick(resched != nullptr);
}

} // namespace lazymm::machine
