// SPDX-License-Identifier: MIT
// Waits: who moves when a CPU cannot, and the proof that nobody can.
#include "core/machine/bug.h"
#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

bool Machine::irq_deliverable(const Cpu &cpu) const
{
	return cpu.irq_count.load(std::memory_order_relaxed) && !cpu.irqs_off;
}

bool Machine::movable(const Cpu &cpu) const
{
	if (!cpu.wait || cpu.offered || irq_deliverable(cpu))
		return true;
	// Another CPU's question, which may stand in a scheme and look at that CPU's stack.
	tsan::Ignore ignore;
	return cpu.wait->ready(cpu.wait->arg);
}

CpuSet Machine::movable_others(const Cpu &cpu) const
{
	CpuSet set = 0;
	for (unsigned i = 0; i < settings_.cpus; i++)
		if (i != cpu.index && movable(cpus_[i]))
			set |= cpu_bit(i);
	return set;
}

/// The calling context's CPU stands still while `cpu` moves.
void Machine::go(unsigned cpu)
{
	Context &from = *this_cpu().context;
	Cpu &c = cpus_[cpu];
	c.context->cpu = &c;
	executor_->transfer(from, *c.context, Edge::none);
}

bool Machine::wait(const Wait &wait, const Where &where)
{
	if (!stepped())
		return free_wait(wait);
	drain(this_cpu());
	count_step(this_cpu());
	if (settings_.trace) {
		Access access{ .kind = AccessKind::wait,
			       .what = wait.what,
			       .file = where.file_name(),
			       .line = where.line() };
		record(this_cpu(), access, 0, 0);
	}
	// Whom to let go first is decided at a position of its own: one that an interrupt handler's
	// access or the last such decision had would have two meanings.
	std::uint32_t own = this_cpu().activity.count;
	for (;;) {
		take_irqs(true);
		Cpu &cpu = this_cpu();
		if (wait.ready(wait.arg))
			break;
		settle(cpu);
		if (cpu.activity.count != own)
			count_step(cpu);
		own = 0;
		cpu.wait = &wait;
		if (CpuSet others = movable_others(cpu)) {
			unsigned next;
			{
				tsan::Ignore ignore;
				next = settings_.policy->next_cpu(cpu, others);
				cpu.activity.ask_at = settings_.policy->next_question(cpu);
			}
			if (!(others & cpu_bit(next)))
				harness_bug("a policy chose a CPU that cannot move");
			go(next);
		} else {
			nobody_moves();
		}
		cpu.wait = nullptr;
		if (cpu.offered) {
			cpu.offered = false;
			grant(cpu);
			return false;
		}
	}
	grant(this_cpu());
	return true;
}

/// Every CPU waits and none is ready. An unfinished task may have a CPU whose wait allows it; else
/// the run is over, and if somebody waits for more than work that is a proof: no CPU can move.
void Machine::nobody_moves()
{
	for (unsigned i = 0; i < settings_.cpus; i++) {
		Cpu &c = cpus_[i];
		if (!(c.wait->sleeps || c.wait->idle) || c.irqs_off || c.preempt_count)
			continue;
		if (!unfinished || !unfinished(*this, i))
			continue;
		c.offered = true;
		if (&c != &this_cpu())
			go(i);
		return;
	}
	bool all_idle = true, all_spin = true;
	for (unsigned i = 0; i < settings_.cpus; i++) {
		const Wait &w = *cpus_[i].wait;
		all_idle &= w.idle;
		all_spin &= w.idle || w.relax;
	}
	if (all_idle && hung && hung(*this))
		all_idle = all_spin = false;
	finish(all_idle ? Outcome::completed : all_spin ? Outcome::livelock : Outcome::deadlock);
}

/// Notes which CPUs have stored since the last look.
void Machine::look_at_stores(const Cpu *except)
{
	for (unsigned i = 0; i < settings_.cpus; i++) {
		if (&cpus_[i] != except && cpus_[i].wrote) {
			cpus_[i].wrote = false;
			stores_++;
		}
	}
}

void Machine::relax(const Where &where)
{
	struct Spin {
		Machine *machine;
		const Cpu *self;
		std::uint32_t stores;
	} spin{ this, &this_cpu(), 0 };
	look_at_stores(spin.self);
	spin.stores = stores_;
	Wait w{ .ready =
			[](void *arg) {
				auto *s = static_cast<Spin *>(arg);
				s->machine->look_at_stores(s->self);
				return s->machine->stores_ != s->stores;
			},
		.arg = &spin,
		.what = "cpu_relax",
		.relax = true };
	wait(w, where);
}

unsigned Machine::pick(unsigned n, const char *what, const Where &where)
{
	if (n < 2)
		return 0;
	if (!stepped())
		return free_pick(n);
	Access access{ .kind = AccessKind::wait,
		       .what = what,
		       .file = where.file_name(),
		       .line = where.line() };
	count_step(this_cpu());
	unsigned k;
	{
		tsan::Ignore ignore;
		k = settings_.policy->pick(this_cpu(), n) % n;
		this_cpu().activity.ask_at = settings_.policy->next_question(this_cpu());
	}
	if (settings_.trace)
		record(this_cpu(), access, n, k);
	grant(this_cpu());
	return k;
}

} // namespace lazymm::machine
