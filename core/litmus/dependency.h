// SPDX-License-Identifier: MIT
// Address, data and control dependencies of a thread, for the weak model: which of what relaxed
// loads have seen an access has to come after.
//
// Every slot carries the clocks of the loads that its value is computed from. An access whose
// address comes from them, and a store whose value or execution does, is made as if its CPU knew
// them; nothing else on the CPU is.
#pragma once

#include <cstdint>
#include <vector>

#include "core/litmus/program.h"
#include "core/machine/cpu.h"

namespace lazymm::litmus
{

class Dependencies
{
public:
	void size(std::size_t slots, std::size_t locations, std::size_t scopes);
	void reset();

	/// An instruction without an access.
	void follow(const Instr &instr)
	{
		if (instr.kind != Instr::access)
			follow_local(instr);
	}
	/// Around an access to memory by `cpu`; `result` is what it read and `stored` its operand.
	void before(const Instr &instr, machine::Cpu &cpu);
	void after(const Instr &instr, std::uint32_t location, std::int64_t result,
		   std::int64_t stored, machine::Cpu &cpu);

private:
	using Clock = machine::Clock;

	void follow_local(const Instr &instr);

	/// dep ; rfi of LKMM: whoever reads its own store comes after what that depends on.
	struct OwnStore {
		bool made = false;
		std::int64_t value = 0;
		Clock clock;
	};

	std::vector<Clock> slots_;
	std::vector<OwnStore> stores_; ///< per location, the last one
	std::vector<Clock> scopes_;    ///< control_ outside of them
	Clock control_;
	Clock known_, seen_; ///< the CPU's, before the access
	Clock address_;
};

} // namespace lazymm::litmus
