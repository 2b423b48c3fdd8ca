// SPDX-License-Identifier: MIT
// Steps: visible accesses are counted down to the next one at which the policy wants to be asked,
// or an interrupt can come.
#include <algorithm>

#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

void Machine::settle(Cpu &cpu)
{
	std::uint32_t done = cpu.granted - cpu.fuel - cpu.reserve;
	cpu.activity.count += done;
	steps_ += done;
	cpu.granted = cpu.fuel = cpu.reserve = 0;
}

/// Lets the CPU make the accesses that nobody wants to hear of.
void Machine::grant(Cpu &cpu)
{
	settle(cpu); // what an interrupt's exit left over
	if (LAZYMM_TSAN || settings_.trace || !stepped() || steps_ >= kMaxAccesses || cpu.held)
		return;
	const Activity &a = cpu.activity;
	std::uint32_t until = std::min(a.ask_at, a.count + (kMaxAccesses - steps_) + 1);
	if (cpu.irq_count.load(std::memory_order_relaxed) && !cpu.irqs_off)
		until = std::min(until, cpu.held_back_until);
	cpu.granted = until > a.count + 1 ? until - a.count - 1 : 0;
	(settings_.memory == Memory::sc ? cpu.fuel : cpu.reserve) = cpu.granted;
}

void Machine::count_step(Cpu &cpu)
{
	settle(cpu);
	cpu.activity.count++;
	if (++steps_ > kMaxAccesses)
		finish(Outcome::limit);
}

std::uint32_t Machine::steps() const
{
	std::uint32_t n = steps_;
	for (unsigned i = 0; i < settings_.cpus; i++)
		n += cpus_[i].granted - cpus_[i].fuel - cpus_[i].reserve;
	return n;
}

// --- activities ---

void Machine::begin_activity_on(Cpu &cpu, std::uint16_t op)
{
	settle(cpu);
	cpu.activity = { op, 0, 0 };
	cpu.held_back_until = 0;
	if (stepped()) {
		tsan::Ignore ignore;
		cpu.activity.ask_at = settings_.policy->next_question(cpu);
	}
	grant(cpu);
}

void Machine::begin_activity(std::uint16_t op)
{
	begin_activity_on(this_cpu(), op);
}

Activity Machine::suspend_activity()
{
	Cpu &cpu = this_cpu();
	settle(cpu);
	return cpu.activity;
}

void Machine::resume_activity(const Activity &activity)
{
	Cpu &cpu = this_cpu();
	settle(cpu);
	cpu.activity = activity;
	cpu.held_back_until = 0;
	if (stepped()) {
		tsan::Ignore ignore;
		cpu.activity.ask_at = settings_.policy->next_question(cpu);
	}
	grant(cpu);
}

// --- where a run is bent ---

/// Between two accesses an interrupt can come, and a section with preemption or interrupts off is
/// about to begin: the last chance to be preempted before its first access.
void Machine::point()
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]] {
		if (cpu.take_reserve())
			return;
		static const Access section{ .kind = AccessKind::wait, .what = "section begins" };
		return stop(section);
	}
	cpu.fuel--;
}

/// fuel ran out: the one place where a stepped run is bent.
void Machine::stop(const Access &access)
{
	if (!stepped())
		return free_stop(this_cpu());
	settle(this_cpu());
	if (this_cpu().held) [[unlikely]]
		drain_due(this_cpu());
	count_step(this_cpu());
	const std::uint32_t before = steps_;
	for (;;) {
		const std::uint32_t own = this_cpu().activity.count;
		if (own >= this_cpu().activity.ask_at)
			ask(this_cpu(), access);
		take_irqs(false);
		settle(this_cpu());
		if (this_cpu().activity.count == own)
			break;
		// The position was a handler's: what the memory model asks about this access needs
		// one that only it has.
		count_step(this_cpu());
	}
	if (steps_ != before && access.location && others_moved)
		others_moved(*this, *access.location);
	grant(this_cpu());
}

void Machine::ask(Cpu &cpu, const Access &access)
{
	Choice choice;
	CpuSet others = movable_others(cpu);
	{
		tsan::Ignore ignore;
		choice = settings_.policy->before_access(cpu, access, others);
		cpu.activity.ask_at = settings_.policy->next_question(cpu);
	}
	switch (choice.kind) {
	case Choice::go_on:
		break;
	case Choice::run:
		if (others & cpu_bit(choice.cpu))
			go(choice.cpu);
		break;
	case Choice::irq:
		if (cpu.irq_count.load(std::memory_order_relaxed))
			cpu.held_back_until = cpu.activity.count;
		else
			raise(cpu.index, &Machine::tick_irq, nullptr);
		break;
	case Choice::preempt:
		raise(cpu.index, &Machine::tick_irq, this);
		break;
	}
}

} // namespace lazymm::machine
