// SPDX-License-Identifier: MIT
// Schedules out of nothing, out of one, out of two: what explorers and a fuzzer's custom mutator
// do. All are functions of their arguments and of the random numbers, and all take and give
// schedules within the limits (limits.h). What stays as it is: scheme, bug, weaken, memory,
// hotplug, arch, mm, number of CPUs; they are the experiment, and the caller's to choose.
#pragma once

#include "core/schedule/rng.h"
#include "core/schedule/schedule.h"

namespace lazymm::schedule
{

/// How often each operation is made; 0 = never. Operations that stand in a schedule already may be
/// moved and copied whatever their weight.
struct Alphabet {
	std::array<std::uint16_t, kOpKinds> weight;

	constexpr std::uint16_t &operator[](OpKind kind)
	{
		return weight[static_cast<unsigned>(kind)];
	}
	constexpr std::uint16_t operator[](OpKind kind) const
	{
		return weight[static_cast<unsigned>(kind)];
	}
};

/// All operations; a third are switches, without which nothing is lazy.
const Alphabet &default_alphabet();

/// User code that probes what membarrier(2) promises, and what it takes for that to matter.
const Alphabet &membarrier_alphabet();
/// The same, without what is about code: for store-buffering and message-passing between threads.
const Alphabet &probe_alphabet();
/// Page tables that come, are walked, and go after a grace period; mms that go before them.
const Alphabet &table_alphabet();

/// Make a schedule of 1 to `max_ops` operations over `cpus` CPUs in all (clipped to the limits),
/// with a random strategy and seed and no explicit decisions. Operands favour tasks that an
/// operation made before. Without scheme; memory and the like at their defaults.
Schedule random_schedule(Rng &rng, const Alphabet &alphabet, unsigned cpus, unsigned max_ops);

/// Change one thing: insert, remove, replace, move or swap operations, copy a span of them, change
/// an operand, reseed or change the strategy, add, remove or shift a decision. The result always
/// differs. Linear time.
void mutate(Schedule &schedule, Rng &rng, const Alphabet &alphabet);

/// Take each CPU's script from `a` up to some operation, and from `b` from some operation on, or
/// the other way round; decisions stay with their operations. Everything else is as in `a`, but for
/// the search, which is either's. Linear time.
Schedule crossover(const Schedule &a, const Schedule &b, Rng &rng);

} // namespace lazymm::schedule
