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

bool drains(const Instr &i)
{
	switch (i.action) {
	case Action::load:
	case Action::store:
	case Action::unlock:
	case Action::is_locked:
	case Action::rmb:
	case Action::wmb:
	case Action::rcu_lock:
	case Action::rcu_unlock:
	case Action::compiler:
		return false;
	default: // on x86 every RMW is a locked one
		return true;
	}
}

namespace
{
struct View {
	Footprint future;
	std::uint8_t ahead = 0;
	bool operator==(const View &) const = default;
};

View view_from(const Program &program, const Code &code, std::size_t at)
{
	const Instr &i = code.instrs[at];
	View v;
	auto join = [&](std::size_t next) {
		v.future.join(code.future[next]);
		v.ahead |= code.ahead[next];
	};
	bool goes = i.kind == Instr::jump || i.kind == Instr::loop;
	if (i.kind != Instr::end && !goes)
		join(at + 1);
	if (goes || i.kind == Instr::branch_zero)
		join(i.target);
	if (i.kind == Instr::access) {
		v.future.join(footprint(i, constant_location(program, code, i)));
		bool loads = i.action == Action::load || i.action == Action::is_locked;
		v.ahead = drains(i) ? 0 : v.ahead << 1 | (loads ? 1 : 0);
	}
	return v;
}
} // namespace

void look_ahead(Program &program)
{
	for (Code &code : program.threads) {
		code.future.assign(code.instrs.size(), {});
		code.ahead.assign(code.instrs.size(), 0);
		for (bool changed = true; changed;) {
			changed = false;
			for (std::size_t i = code.instrs.size(); i-- > 0;) {
				View v = view_from(program, code, i);
				changed |= !(v == View{ code.future[i], code.ahead[i] });
				code.future[i] = v.future;
				code.ahead[i] = v.ahead;
			}
		}
	}
}

} // namespace lazymm::litmus
