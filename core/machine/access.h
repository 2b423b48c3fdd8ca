// SPDX-License-Identifier: MIT
// What a visible access is: the words that the machine, its memory models, strategies and traces
// share.
#pragma once

#include <cstdint>

#include "core/machine/clock.h"

namespace lazymm::machine
{

/// `full` is the kernel's fully ordered RMW: smp_mb(), relaxed RMW, smp_mb(). It is not C++'s
/// seq_cst, which allows store buffering around an RMW.
enum class Order : std::uint8_t { relaxed, acquire, release, full };

enum class AccessKind : std::uint8_t {
	load,
	store,
	rmw,
	mb,
	rmb,
	wmb,
	plain_load,
	plain_store,
	/// tso: the oldest store of the CPU's store buffer reaches memory.
	drain,
	/// A lock, an IPI, a grace period: the CPU goes on when somebody else made it possible.
	wait,
};

constexpr bool is_write(AccessKind kind)
{
	return kind == AccessKind::store || kind == AccessKind::rmw ||
	       kind == AccessKind::plain_store || kind == AccessKind::drain;
}

enum class RmwOp : std::uint8_t { exchange, add, bit_or, bit_and, compare_exchange };

/// What a location belongs to, for names in traces: {"mm", 1} prints as mm1. A negative number is
/// left out.
struct Owner {
	const char *kind = "";
	int number = -1;
};

/// A place in memory that CPUs share: what all Shared<T> and Plain<T> have in common.
class Location
{
public:
	constexpr Location(const char *name, const Owner *owner) : name_(name), owner_(owner) {}

	const char *name() const { return name_; }
	const Owner *owner() const { return owner_; }

private:
	const char *name_;
	const Owner *owner_;
};

class Site;

/// The access that a CPU is about to make.
struct Access {
	AccessKind kind;
	Order order = Order::relaxed;
	const Location *location = nullptr; ///< nullptr for barriers and waits
	const Site *site = nullptr;
	const char *what = nullptr; ///< of a wait: what for
	const char *file = "";
	unsigned line = 0;
};

} // namespace lazymm::machine
