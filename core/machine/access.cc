// SPDX-License-Identifier: MIT
// A visible access that is not on the fast path of shared.h: described, stopped at, performed.
#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

namespace
{
Access describe(AccessKind kind, Order order, const Location *location, const Site *site,
		const Where &where)
{
	return { .kind = kind,
		 .order = order,
		 .location = location,
		 .site = site,
		 .file = where.file_name(),
		 .line = where.line() };
}
} // namespace

std::uint64_t slow_load(const SharedWord &w, Order order, const Site *site, const Where &where)
{
	Cpu &cpu = this_cpu();
	if (cpu.take_reserve())
		return cpu.machine->reserved_load(cpu, w, weakened(order, site));
	return cpu.machine->access(describe(AccessKind::load, order, &w, site, where),
				   const_cast<SharedWord *>(&w), nullptr, {}, 0, 0, 0);
}

void slow_store(SharedWord &w, std::uint64_t value, Order order, const Site *site,
		const Where &where)
{
	Cpu &cpu = this_cpu();
	if (cpu.take_reserve())
		return cpu.machine->reserved_store(cpu, w, value, weakened(order, site));
	cpu.machine->access(describe(AccessKind::store, order, &w, site, where), &w, nullptr, {},
			    value, 0, 0);
}

std::uint64_t SharedWord::rmw(RmwOp op, std::uint64_t operand, Order order, const Site *site,
			      const Where &where, std::uint64_t expected, std::uint64_t mask)
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]] {
		if (cpu.take_reserve())
			return cpu.machine->reserved_rmw(cpu, *this, op, operand,
							 weakened(order, site), expected, mask);
		return cpu.machine->access(describe(AccessKind::rmw, order, this, site, where),
					   this, nullptr, op, operand, expected, mask);
	}
	cpu.fuel--;
	return cpu.machine->stepped_rmw(cpu, *this, op, operand, weakened(order, site), expected,
					mask);
}

/// An access that is the same in every memory model: on the fast path.
static bool refuelled()
{
	Cpu &cpu = this_cpu();
	if (!cpu.take_reserve())
		return false;
	cpu.fuel++;
	return true;
}

std::uint64_t slow_load(const PlainWord &w, const Where &where)
{
	if (refuelled())
		return w.load(where);
	return this_machine().access(
		describe(AccessKind::plain_load, Order::relaxed, &w, nullptr, where), nullptr,
		const_cast<PlainWord *>(&w), {}, 0, 0, 0);
}

void slow_store(PlainWord &w, std::uint64_t value, const Where &where)
{
	if (refuelled())
		return w.store(value, where);
	this_machine().access(describe(AccessKind::plain_store, Order::relaxed, &w, nullptr, where),
			      nullptr, &w, {}, value, 0, 0);
}

void data_race(const PlainWord &w, AccessKind kind, const Where &where)
{
	this_machine().report_race(w, kind, where.file_name(), where.line());
}

void Machine::barrier(AccessKind kind, const Site *site, const Where &where)
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]] {
		if (cpu.take_reserve()) {
			if (!site || !site->weakened())
				model_barrier(cpu, kind);
			return;
		}
		access(describe(kind, Order::full, nullptr, site, where), nullptr, nullptr, {}, 0,
		       0, 0);
		return;
	}
	cpu.fuel--;
	if (!site || !site->weakened())
		Clocks::barrier(cpu, kind, agreed_);
}

std::uint64_t Machine::access(const Access &access, SharedWord *word, PlainWord *plain, RmwOp op,
			      std::uint64_t operand, std::uint64_t expected, std::uint64_t mask)
{
	stop(access);
	// The task may have moved: what it does now, it does on this CPU.
	Cpu &cpu = this_cpu();
	std::uint64_t old =
		stepped() ? perform(cpu, access, word, plain, op, operand, expected, mask)
			  : perform_free(access, word, plain, op, operand, expected, mask);
	if (is_write(access.kind))
		cpu.wrote = true;
	if (plain)
		tsan::release(&cpu.sections); // for quiescent(): somebody else will call it
	return old;
}

} // namespace lazymm::machine
