// SPDX-License-Identifier: MIT
// The kernel's primitives by name: what each does to memory, and with which order.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/machine/access.h"

namespace lazymm::litmus
{

enum class Action : std::uint8_t {
	load,
	store,
	store_mb, ///< smp_store_mb(): a relaxed store, smp_mb()
	exchange,
	compare_exchange,
	add, ///< operand times `sign`
	bit_and,
	bit_or,
	add_unless,
	mb,
	rmb,
	wmb,
	compiler, ///< barrier() and the like: nothing to the machine
	lock,
	unlock,
	try_lock,
	is_locked,
	rcu_lock,
	rcu_unlock,
	synchronize_rcu,
};

/// What an RMW returns.
enum class Returns : std::uint8_t { nothing, before, after, after_is_zero, after_is_negative };

struct Primitive {
	Action action = Action::compiler;
	machine::Order order = machine::Order::relaxed;
	Returns returns = Returns::nothing;
	std::uint8_t arguments = 0;
	std::uint8_t pointer = 0; ///< which argument says the location
	bool lvalue = false;	  ///< it is written *x and not x
	std::int8_t sign = 1;	  ///< of Action::add
	/// The operand where the name says it: atomic_inc(), atomic_inc_not_zero().
	std::optional<std::int8_t> operand;
};

/// The primitive of that name, or nothing if it is not covered. O(length of the name).
std::optional<Primitive> find_primitive(std::string_view name);

} // namespace lazymm::litmus
