// SPDX-License-Identifier: MIT
// Sources: Documentation/atomic_t.txt, tools/memory-model/linux-kernel.def.
#include "core/litmus/primitive.h"

namespace lazymm::litmus
{

namespace
{
using machine::Order;

struct Fixed {
	std::string_view name;
	Primitive primitive;
};

constexpr Primitive fence(Action action)
{
	return { .action = action };
}

constexpr Primitive load(Order order, bool lvalue)
{
	return { Action::load, order, Returns::before, 1, 0, lvalue };
}

constexpr Primitive store(Order order, bool lvalue)
{
	return { Action::store, order, Returns::nothing, 2, 0, lvalue };
}

constexpr Primitive lock(Action action, Returns returns = Returns::nothing)
{
	return { action, Order::acquire, returns, 1, 0, false };
}

constexpr Fixed kFixed[] = {
	{ "READ_ONCE", load(Order::relaxed, true) },
	{ "WRITE_ONCE", store(Order::relaxed, true) },
	{ "ACCESS_ONCE", load(Order::relaxed, true) },
	{ "smp_load_acquire", load(Order::acquire, false) },
	{ "smp_store_release", store(Order::release, false) },
	{ "smp_store_mb", { Action::store_mb, Order::relaxed, Returns::nothing, 2, 0, true } },
	// An address dependency is all that it promises, and those are tracked (dependency.h).
	{ "rcu_dereference", load(Order::relaxed, true) },
	{ "rcu_dereference_bh", load(Order::relaxed, true) },
	{ "rcu_dereference_sched", load(Order::relaxed, true) },
	{ "rcu_assign_pointer", store(Order::release, true) },
	{ "smp_mb", fence(Action::mb) },
	{ "smp_rmb", fence(Action::rmb) },
	{ "smp_wmb", fence(Action::wmb) },
	{ "smp_mb__before_atomic", fence(Action::mb) },
	{ "smp_mb__after_atomic", fence(Action::mb) },
	{ "smp_mb__after_spinlock", fence(Action::mb) },
	{ "smp_mb__after_unlock_lock", fence(Action::mb) },
	{ "barrier", fence(Action::compiler) },
	{ "cpu_relax", fence(Action::compiler) },
	{ "spin_lock", lock(Action::lock) },
	{ "raw_spin_lock", lock(Action::lock) },
	{ "spin_unlock", lock(Action::unlock) },
	{ "raw_spin_unlock", lock(Action::unlock) },
	{ "spin_trylock", lock(Action::try_lock, Returns::before) },
	{ "raw_spin_trylock", lock(Action::try_lock, Returns::before) },
	{ "spin_is_locked", lock(Action::is_locked, Returns::before) },
	{ "rcu_read_lock", fence(Action::rcu_lock) },
	{ "rcu_read_unlock", fence(Action::rcu_unlock) },
	{ "rcu_read_lock_bh", fence(Action::rcu_lock) },
	{ "rcu_read_unlock_bh", fence(Action::rcu_unlock) },
	{ "rcu_read_lock_sched", fence(Action::rcu_lock) },
	{ "rcu_read_unlock_sched", fence(Action::rcu_unlock) },
	{ "synchronize_rcu", fence(Action::synchronize_rcu) },
	{ "synchronize_rcu_expedited", fence(Action::synchronize_rcu) },
	{ "synchronize_sched", fence(Action::synchronize_rcu) },
};

bool take_prefix(std::string_view &name, std::string_view prefix)
{
	if (!name.starts_with(prefix))
		return false;
	name.remove_prefix(prefix.size());
	return true;
}

bool take_suffix(std::string_view &name, std::string_view suffix)
{
	if (!name.ends_with(suffix))
		return false;
	name.remove_suffix(suffix.size());
	return true;
}

/// _relaxed, _acquire, _release; the plain form is fully ordered.
Order take_order(std::string_view &name)
{
	if (take_suffix(name, "_relaxed"))
		return Order::relaxed;
	if (take_suffix(name, "_acquire"))
		return Order::acquire;
	if (take_suffix(name, "_release"))
		return Order::release;
	return Order::full;
}

/// add, sub, inc, dec, and, or: an operation with `p.arguments` arguments; the location is the
/// last.
bool operation(std::string_view name, Primitive &p)
{
	p.arguments = 2;
	p.pointer = 1;
	if (name == "inc" || name == "dec") {
		p.action = Action::add;
		p.sign = name == "inc" ? 1 : -1;
		p.operand = 1;
		p.arguments = 1;
		p.pointer = 0;
		return true;
	}
	if (name == "add" || name == "sub") {
		p.action = Action::add;
		p.sign = name == "add" ? 1 : -1;
		return true;
	}
	if (name == "and" || name == "or") {
		p.action = name == "and" ? Action::bit_and : Action::bit_or;
		return true;
	}
	return false;
}

std::optional<Primitive> exchange_of(std::string_view name)
{
	Order order = take_order(name);
	if (name == "xchg")
		return Primitive{ Action::exchange, order, Returns::before, 2, 0, false };
	if (name == "cmpxchg")
		return Primitive{ Action::compare_exchange, order, Returns::before, 3, 0, false };
	return {};
}

std::optional<Primitive> atomic(std::string_view name)
{
	if (name == "read")
		return load(Order::relaxed, false);
	if (name == "read_acquire")
		return load(Order::acquire, false);
	if (name == "set")
		return store(Order::relaxed, false);
	if (name == "set_release")
		return store(Order::release, false);
	if (auto p = exchange_of(name))
		return p;
	if (name == "add_unless")
		return Primitive{ Action::add_unless, Order::full, Returns::before, 3, 0, false };
	if (name == "inc_not_zero") {
		Primitive p{ Action::add_unless, Order::full, Returns::before, 1, 0, false };
		p.operand = 1;
		return p;
	}

	Primitive p;
	if (operation(name, p)) // a void form: no order at all
		return p;
	p.order = take_order(name);
	bool fetch = take_prefix(name, "fetch_");
	if (fetch)
		p.returns = Returns::before;
	else if (take_suffix(name, "_return"))
		p.returns = Returns::after;
	else if (p.order == Order::full && take_suffix(name, "_and_test"))
		p.returns = Returns::after_is_zero;
	else if (take_suffix(name, "_negative"))
		p.returns = Returns::after_is_negative;
	else
		return {};
	if (!operation(name, p))
		return {};
	if (!fetch && p.action != Action::add)
		return {};
	return p;
}
} // namespace

std::optional<Primitive> find_primitive(std::string_view name)
{
	for (const Fixed &f : kFixed)
		if (f.name == name)
			return f.primitive;
	for (std::string_view prefix : { "atomic_long_", "atomic64_", "atomic_" }) {
		std::string_view rest = name;
		if (take_prefix(rest, prefix))
			return atomic(rest);
	}
	return exchange_of(name);
}

} // namespace lazymm::litmus
