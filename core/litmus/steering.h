// SPDX-License-Identifier: MIT
// Which CPU makes its access next: one decision per access. The machine asks the CPU that moves;
// here that becomes a choice among all CPUs, each of them in front of an access that is known.
#pragma once

#include "core/litmus/execution.h"
#include "core/machine/policy.h"

namespace lazymm::litmus
{

class Steering : public machine::Policy
{
public:
	explicit Steering(Execution &execution) : execution_(execution) {}

	/// Before every run.
	virtual void begin();
	/// After every run; false when there is nothing left to run.
	virtual bool next() = 0;
	/// Whether the run at hand was given up because it shows nothing new.
	bool gave_up() const { return gave_up_; }

protected:
	static constexpr unsigned kNobody = ~0u;

	/// One of `candidates` (not empty), or kNobody to give this run up. `current` moved last.
	virtual unsigned choose(machine::CpuSet candidates, unsigned current) = 0;
	/// A choice of memory's, 0 .. n-1.
	virtual unsigned among(unsigned n) = 0;

	Execution &execution_;

private:
	std::uint32_t next_question(const machine::Cpu &cpu) override;
	machine::Choice before_access(const machine::Cpu &cpu, const machine::Access &access,
				      machine::CpuSet movable) override;
	unsigned next_cpu(const machine::Cpu &cpu, machine::CpuSet movable) override;
	std::uint32_t hold_back(const machine::Cpu &) override { return 0; }
	unsigned pick(const machine::Cpu &, unsigned n) override { return ask(n); }
	unsigned older(const machine::Cpu &, unsigned n) override { return ask(n); }
	unsigned under(const machine::Cpu &, unsigned n) override { return ask(n); }
	std::uint32_t hold(const machine::Cpu &cpu) override;

	unsigned decide(machine::CpuSet candidates, unsigned current);
	unsigned ask(unsigned n);
	void hand_to(unsigned cpu);

	machine::CpuSet arrived_ = 0;	///< at their first access, or beyond
	machine::CpuSet at_access_ = 0; ///< stand before an access that they make when they go on
	unsigned target_ = kNobody; ///< was chosen while it waited: makes its next access unasked
	bool gave_up_ = false;
};

} // namespace lazymm::litmus
