// SPDX-License-Identifier: MIT
// What every strategy does besides letting other CPUs go first: timer ticks (softirqs, RCU
// callbacks, preemption), interrupts that come late, picks, and what a memory model leaves open.
// How much of it is the run's: drawn by the seed, and often nothing at all, because most bugs need
// little of it and drown in much.
#pragma once

#include <bit>
#include <cstdint>

#include "core/harness/strategy.h"
#include "core/machine/machine.h"
#include "core/schedule/rng.h"

namespace lazymm
{

using machine::Access;
using machine::Choice;
using machine::Cpu;
using machine::cpu_bit;
using machine::CpuSet;
using schedule::Rng;

/// One of the CPUs of `set` (not empty), each as likely.
inline unsigned random_cpu(Rng &rng, CpuSet set)
{
	if (!(set & (set - 1)))
		return static_cast<unsigned>(std::countr_zero(set));
	for (std::uint32_t n = rng.below(static_cast<std::uint32_t>(std::popcount(set))); n > 0;
	     n--)
		set &= set - 1;
	return static_cast<unsigned>(std::countr_zero(set));
}

class Disturb
{
public:
	/// A run begins.
	void begin(Rng &rng)
	{
		// One 64-bit draw: a run has 2 us, and this is its start-up.
		const std::uint64_t r = rng.next();
		tick_every_ = r & 1 ? 8u << (r >> 1 & 3) : 0;
		const unsigned which = r >> 3 & 3;
		preempts_of_4_ = which == 0 ? 0 : which == 1 ? 4 : 3;
		held_of_8_ = r >> 5 & 1 ? 1 + (r >> 6 & 3) : 0;
		reordered_of_16_ = (r >> 8 & 3) == 0 ? 0 : 1u << (r >> 10 & 3);
		draw_distance(rng);
	}

	/// Called at every access: whether a tick falls here. ~1 ns.
	bool tick_due(Rng &rng)
	{
		if (--until_tick_ != 0) [[likely]]
			return false;
		draw_distance(rng);
		return true;
	}
	/// For strategies that know themselves when: accesses per tick, 0 = never.
	std::uint32_t tick_every() const { return tick_every_; }

	Choice tick(Rng &rng) const
	{
		return { .kind = (rng.next() & 3) < preempts_of_4_ ? Choice::preempt
								   : Choice::irq };
	}

	/// Interrupts that come late: sometimes, by 1 to 30 accesses.
	std::uint32_t hold_back(Rng &rng) const
	{
		return held_of_8_ && rng.below(8) < held_of_8_ ? 1 + rng.below(30) : 0;
	}

	/// What a memory model leaves open: mostly the usual, else each as likely.
	unsigned older(Rng &rng, unsigned n) const
	{
		return reordered(rng) ? 1 + rng.below(n - 1) : 0;
	}
	/// Stores that stay in the store buffer: half of them until something drains it, which in a
	/// kernel is never far, the others for 1 to 64 accesses.
	std::uint32_t hold(Rng &rng) const
	{
		if (!reordered(rng))
			return 0;
		const std::uint32_t r = rng.below(12);
		return r < 6 ? 1 + rng.below(2u << r) : schedule::kMaxArg;
	}

private:
	bool reordered(Rng &rng) const { return (rng.next() & 15) < reordered_of_16_; }

	/// Uniform, with the right mean: enough like the geometric one for what it is.
	void draw_distance(Rng &rng)
	{
		until_tick_ = tick_every_ ? 1 + rng.below(2 * tick_every_) : ~0u;
	}

	std::uint32_t until_tick_ = ~0u;
	std::uint32_t tick_every_ = 0;
	std::uint32_t preempts_of_4_ = 0;
	std::uint32_t held_of_8_ = 0;
	std::uint32_t reordered_of_16_ = 0;
};

/// Whether only interrupts could make another CPU move: all others have ended their scripts. Asking
/// about every access of the last CPU is a waste of time.
inline bool alone(const Cpu &cpu)
{
	const machine::Machine &m = *cpu.machine;
	for (unsigned i = 0; i < m.cpus(); i++) {
		const Cpu &other = m.cpu(i);
		if (&other != &cpu && !(other.wait && other.wait->idle &&
					!other.irq_count.load(std::memory_order_relaxed)))
			return false;
	}
	return true;
}

} // namespace lazymm
