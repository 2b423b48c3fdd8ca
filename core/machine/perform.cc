// SPDX-License-Identifier: MIT
// What an access does. A memory model is a way to perform one: this is the place for tso and weak.
#include "core/machine/host.h"
#include "core/machine/machine.h"

namespace lazymm::machine
{

namespace
{
/// The clocks of a stepped RMW that takes place.
void clock_rmw(Cpu &cpu, Order order, Clock &message, Clock &agreed)
{
	if (order != Order::full)
		return Clocks::rmw(cpu, order, message);
	Clocks::mb(cpu, agreed);
	Clocks::rmw(cpu, Order::relaxed, message);
	Clocks::mb(cpu, agreed);
}

bool fails(RmwOp op, std::uint64_t old, std::uint64_t expected, std::uint64_t mask)
{
	return op == RmwOp::compare_exchange && ((old ^ expected) & mask);
}
} // namespace

std::uint64_t Machine::stepped_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				   Order order, std::uint64_t expected, std::uint64_t mask)
{
	std::uint64_t old = word.word.load(std::memory_order_relaxed);
	if (fails(op, old, expected, mask)) {
		Clocks::load(cpu, Order::relaxed, word.message);
		return old;
	}
	clock_rmw(cpu, order, word.message, agreed_);
	cpu.wrote = true;
	word.word.store(apply(op, old, operand), std::memory_order_relaxed);
	return old;
}

/// sc: every access acts on memory at once.
std::uint64_t Machine::perform(Cpu &cpu, const Access &access, SharedWord *word, PlainWord *plain,
			       RmwOp op, std::uint64_t operand, std::uint64_t expected,
			       std::uint64_t mask)
{
	Order order = weakened(access.order, access.site);
	std::uint64_t old = 0, now = operand;
	switch (access.kind) {
	case AccessKind::load:
		Clocks::load(cpu, order, word->message);
		old = now = host::load(*word, order);
		break;
	case AccessKind::store:
		old = word->word.load(std::memory_order_relaxed);
		Clocks::store(cpu, order, word->message);
		host::store(*word, operand, order);
		break;
	case AccessKind::rmw:
		old = word->word.load(std::memory_order_relaxed);
		if (fails(op, old, expected, mask)) {
			now = old;
			Clocks::load(cpu, Order::relaxed, word->message);
			host::load(*word, Order::relaxed);
			break;
		}
		now = apply(op, old, operand);
		clock_rmw(cpu, order, word->message, agreed_);
		if (order == Order::full)
			host::barrier(AccessKind::mb);
		host::rmw(*word, op, operand, order, expected, mask);
		if (order == Order::full)
			host::barrier(AccessKind::mb);
		break;
	case AccessKind::mb:
	case AccessKind::rmb:
	case AccessKind::wmb:
		if (order == Order::relaxed)
			break;
		Clocks::barrier(cpu, access.kind, agreed_);
		host::barrier(access.kind);
		break;
	case AccessKind::plain_load:
		old = now = plain->word;
		tsan::plain_read(&plain->word);
		if (!cpu.known.covers(plain->writes))
			report_race(*plain, access.kind, access.file, access.line);
		plain->reads.set_epoch(cpu.known, cpu.unit);
		break;
	case AccessKind::plain_store:
		old = plain->word;
		tsan::plain_write(&plain->word);
		if (!cpu.known.covers(joined(plain->reads, plain->writes)))
			report_race(*plain, access.kind, access.file, access.line);
		plain->reads = Clock{};
		plain->writes = cpu.known.epoch(cpu.unit);
		plain->word = operand;
		break;
	case AccessKind::wait:
		break;
	}
	if (settings_.trace)
		record(cpu, access, old, now);
	return old;
}

/// The host's own memory and its own model.
std::uint64_t Machine::perform_free(const Access &access, SharedWord *word, PlainWord *plain,
				    RmwOp op, std::uint64_t operand, std::uint64_t expected,
				    std::uint64_t mask)
{
	Order order = weakened(access.order, access.site);
	std::uint64_t old = 0;
	switch (access.kind) {
	case AccessKind::load:
		return host::load(*word, order);
	case AccessKind::store:
		host::store(*word, operand, order);
		return 0;
	case AccessKind::rmw:
		if (order == Order::full)
			host::barrier(AccessKind::mb);
		old = host::rmw(*word, op, operand, order, expected, mask);
		if (order == Order::full)
			host::barrier(AccessKind::mb);
		return old;
	case AccessKind::plain_load:
		tsan::plain_read(&plain->word);
		return __atomic_load_n(&plain->word, __ATOMIC_RELAXED);
	case AccessKind::plain_store:
		tsan::plain_write(&plain->word);
		__atomic_store_n(&plain->word, operand, __ATOMIC_RELAXED);
		return 0;
	case AccessKind::wait:
		return 0;
	default:
		if (order != Order::relaxed)
			host::barrier(access.kind);
		return 0;
	}
}

void Machine::acquire(const Clock &clock)
{
	if (stepped())
		Clocks::acquire(this_cpu(), clock);
	tsan::acquire(&clock);
}

void Machine::release(Clock &clock)
{
	tsan::release(&clock);
	if (stepped())
		clock.join(Clocks::release(this_cpu()));
}

void Machine::quiescent(unsigned cpu, Clock &clock)
{
	tsan::release(&clock);
	if (!stepped())
		return host::barrier(AccessKind::mb);
	Clocks::mb(cpus_[cpu], agreed_);
	clock.join(Clocks::release(cpus_[cpu]));
}

} // namespace lazymm::machine
