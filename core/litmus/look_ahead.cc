// SPDX-License-Identifier: MIT
// What a thread may still touch, per instruction: backwards over its code until nothing changes.
#include "core/litmus/program.h"

namespace lazymm::litmus
{

Footprint footprint(const Instr &instr, std::optional<std::uint32_t> location)
{
	std::uint64_t bit = location ? std::uint64_t{ 1 } << *location : ~std::uint64_t{ 0 };
	std::uint8_t mb = instr.order == machine::Order::full ? Footprint::mb : 0;
	switch (instr.action) {
	case Action::load:
	case Action::is_locked:
		return { .reads = bit };
	case Action::store:
	case Action::unlock:
	case Action::lock:
	case Action::try_lock:
		return { .writes = bit };
	case Action::store_mb:
		return { .writes = bit, .global = Footprint::mb };
	case Action::exchange:
	case Action::compare_exchange:
	case Action::add:
	case Action::bit_and:
	case Action::bit_or:
	case Action::add_unless:
		return { .writes = bit, .global = mb };
	case Action::mb:
		return { .global = Footprint::mb };
	case Action::rcu_lock:
		return { .global = Footprint::rcu_lock };
	case Action::rcu_unlock:
		return { .global = Footprint::rcu_unlock };
	case Action::synchronize_rcu:
		return { .global = Footprint::mb | Footprint::gp_start | Footprint::gp_end };
	default:
		return {};
	}
}

/// The location that an instruction accesses, where that is known beforehand.
static std::optional<std::uint32_t> constant_location(const Program &program, const Code &code,
						      const Instr &instr)
{
	if (instr.a < code.registers)
		return {};
	return location_at(code.initial[instr.a], program.names.size());
}

void look_ahead(Program &program)
{
	for (Code &code : program.threads) {
		code.future.assign(code.instrs.size(), {});
		for (bool changed = true; changed;) {
			changed = false;
			for (std::size_t i = code.instrs.size(); i-- > 0;) {
				const Instr &instr = code.instrs[i];
				Footprint f;
				if (instr.kind == Instr::access)
					f = footprint(instr,
						      constant_location(program, code, instr));
				if (instr.kind != Instr::end && instr.kind != Instr::jump &&
				    instr.kind != Instr::loop)
					f.join(code.future[i + 1]);
				if (instr.kind == Instr::jump || instr.kind == Instr::loop ||
				    instr.kind == Instr::branch_zero)
					f.join(code.future[instr.target]);
				changed |= !(f == code.future[i]);
				code.future[i] = f;
			}
		}
	}
}

} // namespace lazymm::litmus
