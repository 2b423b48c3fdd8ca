// SPDX-License-Identifier: MIT
// The kernel's words for accesses and barriers, over Shared<T> (Documentation/atomic_t.txt and
// memory-barriers.txt, Linux 6.12). Every ordered operation names its site.
//
//   relaxed    READ_ONCE, WRITE_ONCE, void RMWs (atomic_inc, cpumask_set_cpu), *_relaxed
//   one-sided  smp_load_acquire, smp_store_release
//   full       value-returning RMWs without suffix: smp_mb(), relaxed RMW, smp_mb(); a failed
//              cmpxchg orders nothing
#pragma once

#include "core/machine/machine.h"

namespace lazymm::kernel
{

using machine::Order;
using machine::Plain;
using machine::RmwOp;
using machine::Shared;
using machine::Where;

/// Which bits of a value cmpxchg compares: all, except where a type says otherwise (Ref).
template <class T>
inline constexpr std::uint64_t compared_bits = sizeof(T) == 4 ? 0xffffffffull : ~0ull;

namespace detail
{
inline void barrier(machine::AccessKind kind, const machine::Site &site,
		    const Where &where = Where::current())
{
	machine::this_machine().barrier(kind, &site, where);
}

template <class T>
T rmw(Shared<T> &x, RmwOp op, std::type_identity_t<T> operand, Order order,
      const machine::Site *site, const Where &where = Where::current())
{
	using W = Shared<T>;
	// Arithmetic on the whole word would carry into the bits behind a narrow value.
	static_assert(sizeof(T) == 8 || sizeof(T) == 4);
	return W::from_word(x.rmw(op, W::to_word(operand), order, site, where));
}

template <class T>
T compare_exchange(Shared<T> &x, std::type_identity_t<T> expected, std::type_identity_t<T> desired,
		   Order order, const machine::Site *site, const Where &where = Where::current())
{
	using W = Shared<T>;
	return W::from_word(x.rmw(RmwOp::compare_exchange, W::to_word(desired), order, site, where,
				  W::to_word(expected), compared_bits<T>));
}
} // namespace detail

template <class T>
T READ_ONCE(const Shared<T> &x, const Where &where = Where::current())
{
	return x.load(Order::relaxed, nullptr, where);
}

template <class T>
void WRITE_ONCE(Shared<T> &x, std::type_identity_t<T> value, const Where &where = Where::current())
{
	x.store(value, Order::relaxed, nullptr, where);
}

/// Void RMWs: unordered.
inline void atomic_add(int n, Shared<int> &x, const Where &where = Where::current())
{
	detail::rmw(x, RmwOp::add, n, Order::relaxed, nullptr, where);
}
inline void atomic_inc(Shared<int> &x, const Where &where = Where::current())
{
	atomic_add(1, x, where);
}
inline void atomic_sub(int n, Shared<int> &x, const Where &where = Where::current())
{
	atomic_add(-n, x, where);
}
inline int atomic_read(const Shared<int> &x, const Where &where = Where::current())
{
	return READ_ONCE(x, where);
}

} // namespace lazymm::kernel

#define smp_mb(name)                                                                               \
	::lazymm::kernel::detail::barrier(::lazymm::machine::AccessKind::mb, LAZYMM_SITE(name, mb))
#define smp_rmb(name)                                                                              \
	::lazymm::kernel::detail::barrier(::lazymm::machine::AccessKind::rmb,                      \
					  LAZYMM_SITE(name, rmb))
#define smp_wmb(name)                                                                              \
	::lazymm::kernel::detail::barrier(::lazymm::machine::AccessKind::wmb,                      \
					  LAZYMM_SITE(name, wmb))
#define smp_mb__after_spinlock(name) smp_mb(name)

#define smp_load_acquire(x, name)                                                                  \
	((x).load(::lazymm::kernel::Order::acquire, &LAZYMM_SITE(name, acquire)))
#define smp_store_release(x, value, name)                                                          \
	((x).store(value, ::lazymm::kernel::Order::release, &LAZYMM_SITE(name, release)))

/// Fully ordered; the old value.
#define xchg(x, value, name)                                                                       \
	(::lazymm::kernel::detail::rmw((x), ::lazymm::kernel::RmwOp::exchange, (value),            \
				       ::lazymm::kernel::Order::full, &LAZYMM_SITE(name, rmw)))
/// Fully ordered if it succeeds; the old value.
#define cmpxchg(x, expected, desired, name)                                                        \
	(::lazymm::kernel::detail::compare_exchange((x), (expected), (desired),                    \
						    ::lazymm::kernel::Order::full,                 \
						    &LAZYMM_SITE(name, rmw)))
#define cmpxchg_acquire(x, expected, desired, name)                                                \
	(::lazymm::kernel::detail::compare_exchange((x), (expected), (desired),                    \
						    ::lazymm::kernel::Order::acquire,              \
						    &LAZYMM_SITE(name, rmw)))
#define cmpxchg_relaxed(x, expected, desired)                                                      \
	(::lazymm::kernel::detail::compare_exchange((x), (expected), (desired),                    \
						    ::lazymm::kernel::Order::relaxed, nullptr))
/// Fully ordered; the new value is zero.
#define atomic_dec_and_test(x, name)                                                               \
	(::lazymm::kernel::detail::rmw((x), ::lazymm::kernel::RmwOp::add, -1,                      \
				       ::lazymm::kernel::Order::full,                              \
				       &LAZYMM_SITE(name, rmw)) == 1)
