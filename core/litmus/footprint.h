// SPDX-License-Identifier: MIT
// What a step, or all that a thread may still do, touches: enough to say when two steps of
// different CPUs can be swapped without anybody noticing.
#pragma once

#include <cstdint>

namespace lazymm::litmus
{

struct Footprint {
	enum Global : std::uint8_t {
		mb = 1, ///< full barriers agree on one order under weak
		rcu_lock = 2,
		rcu_unlock = 4,
		gp_start = 8,
		gp_end = 16,
		unknown = 32, ///< anything
	};

	std::uint64_t reads = 0;  ///< bit i: Program::locations[i]
	std::uint64_t writes = 0; ///< an RMW is a write
	std::uint8_t global = 0;

	void join(const Footprint &o)
	{
		reads |= o.reads;
		writes |= o.writes;
		global |= o.global;
	}
	bool operator==(const Footprint &) const = default;
};

/// Whether something in `a` and something in `b` do not commute: the same location and one of them
/// writes, or they are ends of what a grace period orders. Under sc two barriers commute, too, but
/// nothing is gained by that: they conflict with each other alone.
inline bool conflict(const Footprint &a, const Footprint &b)
{
	if ((a.writes & (b.reads | b.writes)) | (a.reads & b.writes))
		return true;
	if (!a.global || !b.global)
		return ((a.global | b.global) & Footprint::unknown) != 0;
	auto both = [&](unsigned x, unsigned y) {
		return ((a.global & x) && (b.global & y)) || ((a.global & y) && (b.global & x));
	};
	return both(Footprint::mb, Footprint::mb) ||
	       both(Footprint::gp_start, Footprint::rcu_lock | Footprint::rcu_unlock) ||
	       both(Footprint::gp_end, Footprint::rcu_unlock) ||
	       ((a.global | b.global) & Footprint::unknown);
}

} // namespace lazymm::litmus
