// SPDX-License-Identifier: MIT
// Shared<T> and Plain<T>: everything that CPUs share.
//
// An access is visible: the one place where the machine may act. Its fast path (stepped, sc, nobody
// to be asked yet) is a count-down, the vector clocks of the race detector, and the access. All
// else is Machine::access(): decisions, interrupts, recording, other memory models, free mode,
// TSan.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <source_location>
#include <type_traits>

#include "core/machine/cpu.h"
#include "core/machine/site.h"

namespace lazymm::machine
{

using Where = std::source_location;

/// The untyped half of Shared<T>: a word, and the message clock of its newest store.
class SharedWord : public Location
{
public:
	using Location::Location;

	std::uint64_t load(Order order, const Site *site, const Where &where) const;
	void store(std::uint64_t value, Order order, const Site *site, const Where &where);
	/// Returns the value before. `operand` is the new value of exchange and compare_exchange;
	/// compare_exchange compares only the bits in `mask` with `expected`, and is a relaxed load
	/// when it fails.
	std::uint64_t rmw(RmwOp op, std::uint64_t operand, Order order, const Site *site,
			  const Where &where, std::uint64_t expected = 0,
			  std::uint64_t mask = ~0ull);

	std::atomic<std::uint64_t> word{ 0 }; ///< the newest value
	// weak: where the older ones are (Weak); of the run with this number.
	mutable std::uint32_t history = 0;
	mutable std::uint32_t history_run = 0;
	Clock message;
};

/// The slow half of every access; see machine.h.
std::uint64_t slow_load(const SharedWord &, Order, const Site *, const Where &);
void slow_store(SharedWord &, std::uint64_t value, Order, const Site *, const Where &);
std::uint64_t own_word(const SharedWord &);

// What the kernel's barriers do to the clocks of a CPU; memory-model.md's C, A, R, S.
struct Clocks {
	static void acquire(Cpu &cpu, const Clock &message) { cpu.known.join(message); }
	static Clock release(Cpu &cpu)
	{
		Clock m = joined(cpu.known, cpu.seen);
		cpu.known.add(cpu.unit);
		return m;
	}
	static void rmb(Cpu &cpu) { cpu.known.join(cpu.seen); }
	static void wmb(Cpu &cpu)
	{
		cpu.published = cpu.known;
		cpu.known.add(cpu.unit);
	}
	static void mb(Cpu &cpu, Clock &agreed)
	{
		rmb(cpu);
		cpu.known.join(agreed);
		agreed = cpu.known;
		wmb(cpu);
	}
	/// `kind`: mb, rmb or wmb.
	static void barrier(Cpu &cpu, AccessKind kind, Clock &agreed)
	{
		if (kind == AccessKind::mb)
			mb(cpu, agreed);
		else if (kind == AccessKind::rmb)
			rmb(cpu);
		else
			wmb(cpu);
	}
	static void load(Cpu &cpu, Order order, const Clock &message)
	{
		(order == Order::relaxed ? cpu.seen : cpu.known).join(message);
	}
	static void store(Cpu &cpu, Order order, Clock &message)
	{
		message = order == Order::relaxed ? cpu.published : release(cpu);
	}
	/// Not for Order::full, which is mb, relaxed, mb. A release sequence goes on through an
	/// RMW.
	static void rmw(Cpu &cpu, Order order, Clock &message)
	{
		(order == Order::acquire ? cpu.known : cpu.seen).join(message);
		message.join(order == Order::release ? release(cpu) : cpu.published);
	}
};

constexpr std::uint64_t apply(RmwOp op, std::uint64_t old, std::uint64_t operand)
{
	switch (op) {
	case RmwOp::add: // atomic_t: 32 bits, no carry into the rest of the word
		return static_cast<std::uint32_t>(old + operand);
	case RmwOp::bit_or:
		return old | operand;
	case RmwOp::bit_and:
		return old & operand;
	default:
		return operand;
	}
}

/// A compare_exchange that found something else.
constexpr bool fails(RmwOp op, std::uint64_t old, std::uint64_t expected, std::uint64_t mask)
{
	return op == RmwOp::compare_exchange && ((old ^ expected) & mask);
}

inline Order weakened(Order order, const Site *site)
{
	return site && site->weakened() ? Order::relaxed : order;
}

inline std::uint64_t SharedWord::load(Order order, const Site *site, const Where &where) const
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]]
		return slow_load(*this, order, site, where);
	cpu.fuel--;
	Clocks::load(cpu, weakened(order, site), message);
	return word.load(std::memory_order_relaxed);
}

inline void SharedWord::store(std::uint64_t value, Order order, const Site *site,
			      const Where &where)
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]]
		return slow_store(*this, value, order, site, where);
	cpu.fuel--;
	cpu.wrote = true;
	Clocks::store(cpu, weakened(order, site), message);
	word.store(value, std::memory_order_relaxed);
}

/// A shared variable of at most 8 bytes without padding. Values must not be addresses if traces are
/// to be the same on every engine: use handles (kernel::mm_ref).
template <class T>
class Shared : public SharedWord
{
	static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

public:
	using SharedWord::SharedWord;

	T load(Order order, const Site *site = nullptr, const Where &where = Where::current()) const
	{
		return from_word(SharedWord::load(order, site, where));
	}
	void store(T value, Order order, const Site *site = nullptr,
		   const Where &where = Where::current())
	{
		SharedWord::store(to_word(value), order, site, where);
	}
	/// The value, without an access: for oracles, waiting conditions and printing.
	T peek() const { return from_word(word.load(std::memory_order_relaxed)); }
	/// The same as the calling CPU has it, whose store buffer may hold a newer one.
	T here() const { return from_word(own_word(*this)); }
	/// The first value, before anybody else knows the object. Not an access.
	void init(T value)
	{
		word.store(to_word(value), std::memory_order_relaxed);
		history_run = 0;
		message = Clock{};
	}

	static std::uint64_t to_word(T value)
	{
		std::uint64_t w = 0;
		__builtin_memcpy(&w, &value, sizeof value);
		return w;
	}
	static T from_word(std::uint64_t w)
	{
		T value;
		__builtin_memcpy(&value, &w, sizeof value);
		return value;
	}
};

/// A variable that must be race free: two conflicting accesses that no happens-before orders are
/// reported, by the machine's own clocks and by TSan.
class PlainWord : public Location
{
public:
	using Location::Location;

	std::uint64_t load(const Where &where) const;
	void store(std::uint64_t value, const Where &where);

	std::uint64_t word = 0;
	mutable Clock reads; ///< per CPU: its epoch when it last read, since the last write
	Clock writes;	     ///< the last write's epoch
};

std::uint64_t slow_load(const PlainWord &, const Where &);
void slow_store(PlainWord &, std::uint64_t value, const Where &);
/// Ends the run; declared here for the fast path.
[[gnu::cold]] void data_race(const PlainWord &, AccessKind, const Where &);

inline std::uint64_t PlainWord::load(const Where &where) const
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]]
		return slow_load(*this, where);
	cpu.fuel--;
	if (!cpu.known.covers(writes)) [[unlikely]]
		data_race(*this, AccessKind::plain_load, where);
	reads.set_epoch(cpu.known, cpu.unit);
	return word;
}

inline void PlainWord::store(std::uint64_t value, const Where &where)
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]]
		return slow_store(*this, value, where);
	cpu.fuel--;
	cpu.wrote = true;
	if (!cpu.known.covers(joined(reads, writes))) [[unlikely]]
		data_race(*this, AccessKind::plain_store, where);
	reads = Clock{};
	writes = cpu.known.epoch(cpu.unit);
	word = value;
}

template <class T>
class Plain : public PlainWord
{
	static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

public:
	using PlainWord::PlainWord;

	T load(const Where &where = Where::current()) const
	{
		return Shared<T>::from_word(PlainWord::load(where));
	}
	void store(T value, const Where &where = Where::current())
	{
		PlainWord::store(Shared<T>::to_word(value), where);
	}
	T peek() const { return Shared<T>::from_word(word); }
	/// The first value, before anybody else knows the object. Not an access.
	void init(T value)
	{
		word = Shared<T>::to_word(value);
		reads = writes = Clock{};
	}
};

} // namespace lazymm::machine
