// SPDX-License-Identifier: MIT
// Who decides: replay of explicit decisions, random walk, PCT, ... The machine asks only where the
// policy said that it wants to be asked, so that an access in between costs a count-down.
#pragma once

#include <cstdint>

#include "core/machine/access.h"

namespace lazymm::machine
{

struct Cpu;

/// A set of CPUs, bit i = CPU i.
using CpuSet = std::uint32_t;

constexpr CpuSet cpu_bit(unsigned cpu)
{
	return 1u << cpu;
}

struct Choice {
	enum Kind : std::uint8_t {
		go_on,	///< make the access
		run,	///< let another CPU go first
		irq,	///< take an interrupt first: what was held back, else a timer tick
		preempt ///< take an interrupt first, and reschedule
	} kind = go_on;
	unsigned cpu = 0; ///< of `run`
};

class Policy
{
public:
	virtual ~Policy() = default;

	/// The position (count of visible accesses of the CPU's activity, from 1) at which the
	/// policy wants to be asked next; beyond the end = never. Called whenever the activity
	/// changed and after every question.
	virtual std::uint32_t next_question(const Cpu &cpu) = 0;

	/// `cpu` is about to make `access` at the position that next_question() gave. `movable`:
	/// the other CPUs that could go first.
	virtual Choice before_access(const Cpu &cpu, const Access &access, CpuSet movable) = 0;

	/// `cpu` waits or has ended its script; one of `movable` (not empty) goes on.
	virtual unsigned next_cpu(const Cpu &cpu, CpuSet movable) = 0;

	/// An interrupt is about to be delivered on `cpu`: 0 = let it, N = hold it back for N
	/// visible accesses of this CPU.
	virtual std::uint32_t hold_back(const Cpu &cpu) = 0;

	/// One of `n` equal choices, 0 .. n-1.
	virtual unsigned pick(const Cpu &cpu, unsigned n) = 0;

	// Stub of the memory models' questions, until they are merged.
	/// Which of `n` readable stores a load returns, 0 = the newest.
	virtual unsigned older(const Cpu &, unsigned) { return 0; }
	/// How many places further down in coherence order a store goes, 0 .. n-1.
	virtual unsigned under(const Cpu &, unsigned) { return 0; }
	/// For how many more visible accesses of this CPU a store stays in its buffer.
	virtual std::uint32_t hold(const Cpu &) { return 0; }
};

} // namespace lazymm::machine
