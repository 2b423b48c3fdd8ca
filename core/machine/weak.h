// SPDX-License-Identifier: MIT
// The weak memory model: the kernel's (LKMM), operationally and without load buffering. A load may
// return an older store, and a store may go below newer ones in coherence order, as far as what the
// CPU knows allows it.
//
// Clocks of a CPU: C (known), A (seen: what relaxed loads saw and no barrier has taken up yet), R
// (published at the last write barrier); of all: S (agreed on by full barriers). Those are the race
// detector's too (Clocks, shared.h). And here F (fenced), what the CPU or somebody before it had
// done at a full barrier: that has reached everybody before anything that comes later does, so it
// travels with every store (ISA2 and Z6 with one smp_mb() and acquires need it).
//
//	load, relaxed	A |= M | F'; AF |= F'		M, F' the store's
//	load, acquire	C |= M | F'; F |= F'; R |= F'
//	store, relaxed	M = R; F' = F
//	store, release	M = C | A; F' = F | AF
//	RMW		both; and it passes on what it read, M and F'
//	smp_rmb		C |= A; F |= AF; R |= F
//	smp_wmb		R = C
//	smp_mb		C |= A | S; S = R = F = C
//
// Of each location at least the kDepth / 4 newest stores are kept: forgetting the older ones loses
// behaviours, and allows none that the model forbids.
#pragma once

#include <cstdint>
#include <vector>

#include "core/machine/cpu.h"
#include "core/machine/shared.h"

namespace lazymm::machine
{

class Weak
{
public:
	static constexpr unsigned kDepth = 32;

	/// A run begins: every location has one store again, the value it has now. O(1).
	/// `dependencies`: the program keeps track of address, data and control dependencies by
	/// itself. If not, a store goes above all that earlier loads of its CPU saw, as if it
	/// depended on each of them.
	void reset(Policy *policy, bool dependencies);

	// Each access sets choice(). ~5 ns.
	std::uint64_t load(Cpu &cpu, const SharedWord &word, Order order);
	void store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order);
	std::uint64_t rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand, Order order,
			  std::uint64_t expected, std::uint64_t mask, Clock &agreed);
	/// `kind`: mb, rmb or wmb.
	static void barrier(Cpu &cpu, AccessKind kind, Clock &agreed);

	/// How many stores newer than the one that was read there were, or that the store went
	/// below: of the last access.
	unsigned choice() const { return choice_; }

private:
	struct Store {
		std::uint64_t value;
		bool atomic;   ///< an RMW: nothing goes between it and the store it read
		Clock message; ///< M
		Clock fenced;  ///< F'
		/// Per CPU, its epoch when it made the store or first read it; Clock::never() where
		/// it did neither. Whoever knows one of them may not read older stores any more.
		Clock since;
	};
	struct History {
		unsigned n;
		Store stores[kDepth]; ///< in coherence order
	};

	History &history(const SharedWord &word);
	History &begin_history(const SharedWord &word);
	static bool known(const Clock &clock, const Store &store)
	{
		return !store.since.exceeds(clock);
	}
	static void see(Cpu &cpu, Store &store, Order order);
	unsigned choose(Cpu &cpu, const unsigned *places, unsigned n);
	unsigned choose_older(Cpu &cpu, const History &h);
	unsigned choose_place(Cpu &cpu, const History &h, const Clock &bound);
	unsigned choose_rmw(Cpu &cpu, const History &h, RmwOp op, std::uint64_t expected,
			    std::uint64_t mask, const Clock &bound);
	static Store &insert(Cpu &cpu, History &h, unsigned at, std::uint64_t value);
	static void to_word(SharedWord &word, const History &h);

	std::vector<History> histories_;
	std::uint32_t used_ = 0;
	std::uint32_t run_ = 0;
	Policy *policy_ = nullptr;
	bool dependencies_ = false;
	unsigned choice_ = 0;
};

} // namespace lazymm::machine
