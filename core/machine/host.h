// SPDX-License-Identifier: MIT
// The host's own memory, as the machine uses it for its words: plain atomics, or what TSan is told
// of them.
#pragma once

#include <atomic>

#include "core/machine/shared.h"
#include "core/machine/tsan.h"

namespace lazymm::machine::host
{

#if LAZYMM_TSAN
/// The word that stands for all full barriers: TSan does not model fences, an RMW it does.
inline std::atomic<std::uint64_t> barrier_word;
#endif

inline std::memory_order order(Order order)
{
	switch (order) {
	case Order::acquire:
		return std::memory_order_acquire;
	case Order::release:
		return std::memory_order_release;
	default:
		return std::memory_order_relaxed;
	}
}

inline std::uint64_t load(const SharedWord &w, Order order)
{
#if LAZYMM_TSAN
	return __tsan_atomic64_load(tsan::atomic64(w.word), tsan::order(order));
#else
	return w.word.load(host::order(order));
#endif
}

inline void store(SharedWord &w, std::uint64_t value, Order order)
{
#if LAZYMM_TSAN
	__tsan_atomic64_store(tsan::atomic64(w.word), value, tsan::order(order));
#else
	w.word.store(value, host::order(order));
#endif
}

inline bool compare_exchange(SharedWord &w, std::uint64_t &old, std::uint64_t value, Order order)
{
#if LAZYMM_TSAN
	long expected = static_cast<long>(old);
	bool done = __tsan_atomic64_compare_exchange_strong(tsan::atomic64(w.word), &expected,
							    value, tsan::order(order),
							    __tsan_memory_order_relaxed);
	old = expected;
	return done;
#else
	return w.word.compare_exchange_strong(old, value, host::order(order),
					      std::memory_order_relaxed);
#endif
}

inline void barrier(AccessKind kind)
{
#if LAZYMM_TSAN
	__tsan_memory_order order = kind == AccessKind::mb    ? __tsan_memory_order_seq_cst
				    : kind == AccessKind::rmb ? __tsan_memory_order_acquire
							      : __tsan_memory_order_release;
	__tsan_atomic64_fetch_add(tsan::atomic64(barrier_word), 0, order);
#else
	std::atomic_thread_fence(kind == AccessKind::mb	   ? std::memory_order_seq_cst
				 : kind == AccessKind::rmb ? std::memory_order_acquire
							   : std::memory_order_release);
#endif
}

/// For free mode, where other CPUs are at it: every RMW is a compare-exchange loop, and a full one
/// is mb, relaxed RMW, mb.
inline std::uint64_t rmw(SharedWord &w, RmwOp op, std::uint64_t operand, Order order,
			 std::uint64_t expected, std::uint64_t mask)
{
	if (order == Order::full)
		barrier(AccessKind::mb);
	std::uint64_t old = load(w, Order::relaxed);
	do {
		if (fails(op, old, expected, mask))
			break;
	} while (!compare_exchange(w, old, apply(op, old, operand), order));
	if (order == Order::full)
		barrier(AccessKind::mb);
	return old;
}

// What TSan is told of accesses that the machine makes by itself; nothing in other builds. Its
// synchronisation is the word's, not a single store's: it may take two accesses for ordered that
// the machine's own clocks do not.

inline void announce_load([[maybe_unused]] const SharedWord &w, [[maybe_unused]] Order order)
{
	if (order == Order::acquire)
		tsan::acquire(&w.word);
}

inline void announce_store([[maybe_unused]] const SharedWord &w, [[maybe_unused]] Order order)
{
	if (order == Order::release)
		tsan::release(&w.word);
}

inline void announce_rmw([[maybe_unused]] const SharedWord &w, [[maybe_unused]] Order order)
{
#if LAZYMM_TSAN
	if (order == Order::full)
		barrier(AccessKind::mb);
	if (order == Order::full || order == Order::acquire)
		tsan::acquire(&w.word);
	if (order == Order::full || order == Order::release)
		tsan::release(&w.word);
	if (order == Order::full)
		barrier(AccessKind::mb);
#endif
}

} // namespace lazymm::machine::host
