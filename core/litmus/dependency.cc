// SPDX-License-Identifier: MIT
// Source: tools/memory-model/linux-kernel.cat, ppo: to-r = (addr ; [R]) | (dep ; rfi) and rwdep =
// (dep | ctrl) ; [W].
#include "core/litmus/dependency.h"

#include <algorithm>

namespace lazymm::litmus
{

void Dependencies::size(std::size_t slots, std::size_t locations, std::size_t scopes)
{
	slots_.resize(slots);
	stores_.resize(locations);
	scopes_.resize(scopes);
}

void Dependencies::reset()
{
	std::fill(slots_.begin(), slots_.end(), Clock{});
	std::fill(stores_.begin(), stores_.end(), OwnStore{});
	control_ = Clock{};
}

void Dependencies::follow_local(const Instr &i)
{
	switch (i.kind) {
	case Instr::move:
		slots_[i.dst] = i.chosen ? joined(slots_[i.a], control_) : slots_[i.a];
		break;
	case Instr::unary:
		slots_[i.dst] = slots_[i.a];
		break;
	case Instr::binary:
		slots_[i.dst] = joined(slots_[i.a], slots_[i.b]);
		break;
	case Instr::branch_zero:
		control_.join(slots_[i.a]);
		break;
	case Instr::scope_begin:
		scopes_[i.target] = control_;
		break;
	case Instr::scope_end: // what follows an if is executed either way
		control_ = scopes_[i.target];
		break;
	default:
		break;
	}
}

static bool only_loads(const Instr &i)
{
	return i.action == Action::load || i.action == Action::is_locked;
}

void Dependencies::before(const Instr &i, machine::Cpu &cpu)
{
	known_ = cpu.known;
	seen_ = cpu.seen;
	address_ = slots_[i.a];
	cpu.known.join(address_);
	if (only_loads(i)) {
		cpu.seen = Clock{}; // so that it is what this load sees
	} else {
		cpu.known.join(slots_[i.b]);
		cpu.known.join(slots_[i.c]);
		cpu.known.join(control_);
	}
}

void Dependencies::after(const Instr &i, std::uint32_t location, std::int64_t result,
			 std::int64_t stored, machine::Cpu &cpu)
{
	// What this access read; but for acquire, which the CPU knows by now. Of an RMW: at least.
	Clock read = cpu.seen;
	cpu.seen.join(seen_);
	bool orders = i.order == machine::Order::acquire || i.order == machine::Order::full;
	OwnStore &own = stores_[location];
	bool may_be_own = i.returns != Returns::nothing && own.made && own.value == result;
	if (may_be_own)
		read.join(own.clock);
	if (orders) {
		if (may_be_own)
			cpu.known.join(own.clock);
	} else {
		known_.set_epoch(cpu.known, cpu.unit);
		cpu.known = known_;
	}
	if (!only_loads(i)) {
		own = { true, stored, joined(address_, joined(slots_[i.b], slots_[i.c])) };
		if (i.action != Action::store)
			own.made = false; // an RMW: what it stored is not looked at
	}
	if (i.returns != Returns::nothing)
		slots_[i.dst] = joined(read, address_);
}

} // namespace lazymm::litmus
