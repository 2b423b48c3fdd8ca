// SPDX-License-Identifier: MIT
// A search strategy makes decisions while a schedule runs. One strategy, one file; its head names
// the paper and where it deviates.
#pragma once

#include <cstdint>
#include <memory>

#include "core/machine/policy.h"
#include "core/schedule/schedule.h"

namespace lazymm
{

/// What a strategy may know of the run that begins.
struct RunShape {
	unsigned cpus = 2;
	std::uint32_t ops[machine::kMaxCpus] = {}; ///< operations in each script
	std::uint32_t expected_accesses = 150;	   ///< estimate, for PCT's change points
};

class Strategy
{
public:
	virtual ~Strategy() = default;
	/// A run begins. Deterministic in (seed, shape). No allocation after the first call.
	virtual void begin(std::uint64_t seed, const RunShape &shape) = 0;
	/// Visible accesses of `cpu` that may go by before before_access() is asked; 0 = at the
	/// next. Asked after every question and whenever another operation begins or goes on.
	virtual std::uint32_t lookahead(const machine::Cpu &cpu) = 0;
	/// See machine::Policy.
	virtual machine::Choice before_access(const machine::Cpu &cpu,
					      const machine::Access &access,
					      machine::CpuSet movable) = 0;
	virtual unsigned next_cpu(const machine::Cpu &cpu, machine::CpuSet movable) = 0;
	virtual std::uint32_t hold_back(const machine::Cpu &cpu) = 0;
	virtual unsigned pick(const machine::Cpu &cpu, unsigned n) = 0;
	// What a memory model leaves open; n >= 2.
	virtual unsigned older(const machine::Cpu &, unsigned n [[maybe_unused]]) { return 0; }
	virtual unsigned under(const machine::Cpu &, unsigned n [[maybe_unused]]) { return 0; }
	virtual std::uint32_t hold(const machine::Cpu &) { return 0; }
};

std::unique_ptr<Strategy> make_random_walk();
/// `depth` 0: drawn for each run, 2 or 3 mostly; else it has depth - 1 change points.
std::unique_ptr<Strategy> make_pct(unsigned depth = 0);
std::unique_ptr<Strategy> make_pos();
std::unique_ptr<Strategy> make_surw();
std::unique_ptr<Strategy> make_stall();
/// One of the others, chosen per run by the seed.
std::unique_ptr<Strategy> make_portfolio();
std::unique_ptr<Strategy> make_strategy(schedule::Strategy kind);

} // namespace lazymm
