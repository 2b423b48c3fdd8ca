// SPDX-License-Identifier: MIT
// What the kernel's primitives are on the machine.
//
// Ordering by a lock, LKMM's po-unlock-lock-po: what a CPU did before an unlock comes before what
// it does after a later lock, and what the last owner stored before its unlock reaches everybody
// before what the next owner stores. Neither is a full barrier.
#include "core/litmus/execution.h"
#include "core/litmus/word.h"

namespace lazymm::litmus
{

using machine::Order;
using machine::RmwOp;

void Execution::access(Thread &t, const Instr &i)
{
	std::uint32_t l = 0;
	bool memory = i.action <= Action::add_unless ||
		      (i.action >= Action::lock && i.action <= Action::is_locked);
	if (memory) {
		auto found = location_at(t.slots[i.a], words_.size());
		if (!found)
			stop("an access to something that is not a location", i.at);
		l = *found;
	}
	t.pending = footprint(i, l);
	std::int64_t result;
	if (t.buffered) // first in, first out
		t.buffered |= t.pending.writes;
	if (memory_ == machine::Memory::weak && memory) {
		machine::Cpu &cpu = machine::this_cpu();
		t.dependencies.before(i, cpu);
		result = perform(t, i, l);
		t.dependencies.after(i, l, result, t.slots[i.b], cpu);
	} else {
		result = perform(t, i, l);
	}
	if (i.returns != Returns::nothing)
		t.slots[i.dst] = result;
	if (drains(i))
		t.buffered = 0;
	after_access();
}

std::int64_t Execution::perform(Thread &t, const Instr &i, std::uint32_t l)
{
	std::int64_t result = 0;
	switch (i.action) {
	case Action::load:
		result = decode(words_[l].load(i.order));
		break;
	case Action::store:
		t.stores++;
		words_[l].store(encode(t.slots[i.b]), i.order);
		break;
	case Action::store_mb:
		t.stores++;
		t.pending.global = 0;
		words_[l].store(encode(t.slots[i.b]), Order::relaxed);
		after_access();
		full_barrier(t);
		break;
	case Action::exchange:
	case Action::compare_exchange:
	case Action::add:
	case Action::bit_and:
	case Action::bit_or:
		t.stores++;
		result = static_cast<std::int64_t>(rmw(t, i, l));
		break;
	case Action::add_unless:
		t.stores++;
		result = add_unless(t, i, words_[l]);
		break;
	case Action::mb:
		machine_.barrier(machine::AccessKind::mb, nullptr, machine::Where::current());
		break;
	case Action::rmb:
		machine_.barrier(machine::AccessKind::rmb, nullptr, machine::Where::current());
		break;
	case Action::wmb:
		machine_.barrier(machine::AccessKind::wmb, nullptr, machine::Where::current());
		break;
	case Action::lock:
		t.stores++;
		lock(t, l);
		break;
	case Action::unlock:
		t.stores++;
		unlock(t, l);
		break;
	case Action::try_lock:
		t.stores++;
		result = words_[l].rmw(RmwOp::compare_exchange, 1, Order::acquire, nullptr,
				       machine::Where::current(), 0) == 0;
		if (result)
			after_lock(t, l);
		break;
	case Action::is_locked:
		result = words_[l].load(Order::relaxed) != 0;
		break;
	case Action::rcu_lock:
		marker(t);
		rcu_.read_lock(t.index);
		break;
	case Action::rcu_unlock:
		marker(t);
		if (!rcu_.read_unlock(t.index))
			stop("rcu_read_unlock() without rcu_read_lock()", i.at);
		break;
	case Action::synchronize_rcu:
		synchronize(t);
		break;
	case Action::compiler:
		break;
	}
	return result;
}

void Execution::full_barrier(Thread &t)
{
	t.pending = { .global = Footprint::mb };
	machine_.barrier(machine::AccessKind::mb, nullptr, machine::Where::current());
}

std::uint64_t Execution::rmw(Thread &t, const Instr &i, std::uint32_t l)
{
	RmwOp op = RmwOp::exchange;
	std::uint64_t operand = encode(t.slots[i.b]), expected = 0;
	if (i.action == Action::compare_exchange) {
		op = RmwOp::compare_exchange;
		expected = operand;
		operand = encode(t.slots[i.c]);
	} else if (i.action == Action::add) {
		op = RmwOp::add;
		operand *= static_cast<std::uint64_t>(std::int64_t{ i.sign });
	} else if (i.action != Action::exchange) {
		op = i.action == Action::bit_and ? RmwOp::bit_and : RmwOp::bit_or;
	}
	// Others may come between an RMW and the barriers around it; a compare-exchange has them
	// only if it succeeds.
	bool apart = memory_ == machine::Memory::weak && i.order == Order::full &&
		     op != RmwOp::compare_exchange;
	Footprint whole = t.pending;
	if (apart) {
		full_barrier(t);
		after_access();
		t.pending = { .writes = whole.writes };
	}
	std::uint64_t old = words_[l].rmw(op, operand, apart ? Order::relaxed : i.order, nullptr,
					  machine::Where::current(), expected);
	if (apart) {
		after_access();
		full_barrier(t);
	}
	std::int64_t after = decode(machine::apply(op, old, operand));
	switch (i.returns) {
	case Returns::after:
		return static_cast<std::uint64_t>(after);
	case Returns::after_is_zero:
		return after == 0;
	case Returns::after_is_negative:
		return after < 0;
	default:
		return static_cast<std::uint64_t>(decode(old));
	}
}

/// A compare-exchange loop, as the kernel's own; true if it added. When it does not it is a relaxed
/// load, as a failed cmpxchg().
std::int64_t Execution::add_unless(Thread &t, const Instr &i, Word &word)
{
	std::uint64_t unless = encode(t.slots[i.c]);
	for (;;) {
		std::uint64_t old = word.peek();
		bool add = old != unless;
		// Expecting what is not there makes the RMW a load, whatever it finds.
		std::uint64_t expected = add ? old : ~unless;
		std::uint64_t now =
			add ? machine::apply(RmwOp::add, old, encode(t.slots[i.b])) : expected;
		std::uint64_t found = word.rmw(RmwOp::compare_exchange, now, i.order, nullptr,
					       machine::Where::current(), expected);
		after_access();
		if (add ? found == old : found == unless)
			return add;
	}
}

void Execution::lock(Thread &t, std::uint32_t l)
{
	t.wants = &words_[l];
	while (words_[l].rmw(RmwOp::compare_exchange, 1, Order::acquire, nullptr,
			     machine::Where::current(), 0) != 0) {
		after_access();
		machine_.wait(
			{ .ready =
				  [](void *word) { return static_cast<Word *>(word)->peek() == 0; },
			  .arg = &words_[l],
			  .what = "spin_lock" });
		after_access();
	}
	t.wants = nullptr;
	after_lock(t, l);
}

void Execution::after_lock(Thread &t, std::uint32_t l)
{
	machine::Cpu &cpu = machine::this_cpu();
	cpu.known.join(t.unlock_known);
	cpu.published.join(t.unlock_published);
	cpu.published.join(lock_published_[l]);
}

void Execution::unlock(Thread &t, std::uint32_t l)
{
	machine::Cpu &cpu = machine::this_cpu();
	t.unlock_known = joined(cpu.known, cpu.seen);
	t.unlock_published = joined(cpu.published, cpu.known.epoch(cpu.unit));
	words_[l].store(0, Order::release);
	lock_published_[l] = t.unlock_published;
}

/// A visible access without an effect: for what has none of its own and still happens at a time.
void Execution::marker(Thread &t)
{
	markers_[t.index].load(Order::relaxed);
}

void Execution::synchronize(Thread &t)
{
	t.pending = { .global = Footprint::mb | Footprint::gp_start };
	machine_.barrier(machine::AccessKind::mb, nullptr, machine::Where::current());
	after_access();
	rcu_.start(t.index);
	bool tso = memory_ == machine::Memory::tso;
	t.pending = { .global = Footprint::mb | Footprint::gp_end };
	if (tso) // it also touches what readers hold in their buffers
		t.pending.global |= Footprint::unknown;
	struct Over {
		GracePeriods *rcu;
		unsigned cpu;
	} over{ &rcu_, t.index };
	machine_.wait({ .ready =
				[](void *arg) {
					auto *o = static_cast<Over *>(arg);
					return o->rcu->over(o->cpu);
				},
			.arg = &over,
			.what = "synchronize_rcu" });
	after_access();
	rcu_.finish(t.index, tso);
	machine_.barrier(machine::AccessKind::mb, nullptr, machine::Where::current());
}

} // namespace lazymm::litmus
