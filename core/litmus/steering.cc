// SPDX-License-Identifier: MIT
#include "core/litmus/steering.h"

#include <bit>

namespace lazymm::litmus
{

using machine::cpu_bit;
using machine::CpuSet;

namespace
{

unsigned lowest(CpuSet set)
{
	return std::countr_zero(set);
}

} // namespace

void Steering::begin()
{
	arrived_ = at_access_ = 0;
	target_ = kNobody;
	gave_up_ = false;
}

std::uint32_t Steering::next_question(const machine::Cpu &cpu)
{
	return cpu.activity.count + 1;
}

unsigned Steering::decide(CpuSet candidates, unsigned current)
{
	for (unsigned i = 0; i < machine::kMaxCpus; i++)
		if ((candidates & cpu_bit(i)) && execution_.blocked(i))
			candidates &= ~cpu_bit(i);
	// Nobody: all want locks, and those that hold them have ended or want others.
	unsigned cpu = candidates && !gave_up_ ? choose(candidates, current) : kNobody;
	if (cpu == kNobody) {
		gave_up_ = true;
		execution_.abandon();
	}
	return cpu;
}

/// What the decision is for the bookkeeping: `cpu` goes on.
void Steering::hand_to(unsigned cpu)
{
	target_ = at_access_ & cpu_bit(cpu) ? kNobody : cpu;
	at_access_ &= ~cpu_bit(cpu);
}

machine::Choice Steering::before_access(const machine::Cpu &cpu, const machine::Access &,
					CpuSet movable)
{
	CpuSet self = cpu_bit(cpu.index);
	arrived_ |= self;
	at_access_ |= self;
	// Nothing is decided before every CPU stands before an access.
	if (CpuSet missing = movable & ~arrived_)
		return { machine::Choice::run, lowest(missing) };
	unsigned next = cpu.index;
	if (target_ != next)
		next = decide(movable | self, cpu.index);
	if (next == kNobody)
		next = cpu.index;
	hand_to(next);
	if (next == cpu.index)
		return {};
	return { machine::Choice::run, next };
}

unsigned Steering::next_cpu(const machine::Cpu &cpu, CpuSet movable)
{
	arrived_ |= cpu_bit(cpu.index);
	at_access_ &= ~cpu_bit(cpu.index);
	target_ = kNobody;
	if (CpuSet missing = movable & ~arrived_)
		return lowest(missing);
	unsigned next = decide(movable, cpu.index);
	if (next == kNobody)
		next = lowest(movable);
	hand_to(next);
	return next;
}

unsigned Steering::ask(unsigned n)
{
	return n > 1 && !gave_up_ ? among(n) : 0;
}

/// That a store is late shows in loads alone: it goes at once, or right behind one of those that
/// come before the next barrier.
std::uint32_t Steering::hold(const machine::Cpu &cpu)
{
	unsigned loads = execution_.loads_ahead(cpu.index);
	unsigned skip = ask(std::popcount(loads) + 1);
	if (!skip)
		return 0;
	execution_.hold(cpu.index);
	while (--skip)
		loads &= loads - 1;
	return lowest(loads) + 1;
}

} // namespace lazymm::litmus
