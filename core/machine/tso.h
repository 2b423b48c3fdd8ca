// SPDX-License-Identifier: MIT
// The tso memory model: x86's. Each CPU has a FIFO store buffer; a load is served from its newest
// own entry, else from memory. A store drains at once unless the policy holds it; then it, and all
// behind it, reach memory at visible accesses of their own.
#pragma once

#include <cstdint>

#include "core/machine/cpu.h"
#include "core/machine/shared.h"

namespace lazymm::machine
{

class Tso
{
public:
	/// Stores of one CPU that can be held; one more drains the oldest.
	static constexpr unsigned kDepth = 16;

	struct Held {
		SharedWord *word;
		std::uint64_t value;
		Clock message;	    ///< of the store, when it was made
		std::uint32_t left; ///< visible accesses of the CPU until it may drain
	};

	/// The oldest held store of the CPU; cpu.held is not 0.
	Held &front(const Cpu &cpu) { return held_[cpu.index][0]; }
	void push(Cpu &cpu, const Held &store) { held_[cpu.index][cpu.held++] = store; }
	void pop(Cpu &cpu);
	/// An access of the CPU has gone by.
	void age(Cpu &cpu);
	/// The CPU's newest held store to the word, or nullptr.
	const Held *find(const Cpu &cpu, const SharedWord &word) const;

private:
	Held held_[kMaxCpus][kDepth];
};

} // namespace lazymm::machine
