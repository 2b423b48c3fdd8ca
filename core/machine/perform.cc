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
} // namespace

/// TSan knows no fences. What a store publishes is what its CPU had done before its last barrier,
/// or, if it is a release, before itself; whoever reads it and has a barrier behind the read, or an
/// acquire, knows that, be it by way of others. The clocks say of whom and which of the two:
/// `published` is released to at barriers, `known` at releases.
void Machine::tell_tsan_of_fences([[maybe_unused]] const Cpu &reader,
				  [[maybe_unused]] const Clock &message)
{
#if LAZYMM_TSAN
	for (unsigned i = 0; i < settings_.cpus; i++) {
		const Cpu &c = cpus_[i];
		if (message.lane(i) <= reader.known.lane(i))
			continue;
		const bool released = message.lane(i) > c.published.lane(i);
		tsan::acquire(released ? &c.known : &c.published);
	}
#endif
}

std::uint64_t Machine::stepped_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				   Order order, std::uint64_t expected, std::uint64_t mask)
{
	std::uint64_t old = word.word.load(std::memory_order_relaxed);
	if (fails(op, old, expected, mask)) {
		Clocks::load(cpu, Order::relaxed, word.message);
		return old;
	}
	if (order == Order::full)
		tell_tsan_of_fences(cpu, cpu.seen);
	if (order == Order::acquire || order == Order::full)
		tell_tsan_of_fences(cpu, word.message);
	clock_rmw(cpu, order, word.message, agreed_);
	cpu.wrote = true;
	host::announce_rmw(word, order);
	if (order == Order::release)
		tsan::release(&cpu.known);
	if (order == Order::full)
		tsan::release(&cpu.published);
	word.word.store(apply(op, old, operand), std::memory_order_relaxed);
	return old;
}

// --- what the memory model makes of an access ---

std::uint64_t Machine::model_load(Cpu &cpu, const SharedWord &word, Order order)
{
	choice_ = 0;
	switch (settings_.memory) {
	case Memory::sc:
		break;
	case Memory::tso:
		return tso_load(cpu, word, order);
	case Memory::weak: {
		host::announce_load(word, order);
		std::uint64_t value = weak_->load(cpu, word, order);
		choice_ = weak_->choice();
		return value;
	}
	}
	if (order == Order::acquire)
		tell_tsan_of_fences(cpu, word.message);
	Clocks::load(cpu, order, word.message);
	return host::load(word, order);
}

/// Returns what memory had before.
std::uint64_t Machine::model_store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order)
{
	std::uint64_t old = word.word.load(std::memory_order_relaxed);
	choice_ = 0;
	switch (settings_.memory) {
	case Memory::sc:
		Clocks::store(cpu, order, word.message);
		host::store(word, value, order);
		if (order == Order::release)
			tsan::release(&cpu.known);
		break;
	case Memory::tso:
		tso_store(cpu, word, value, order);
		break;
	case Memory::weak:
		host::announce_store(word, order);
		weak_->store(cpu, word, value, order);
		choice_ = weak_->choice();
		if (placed)
			placed(*this, word, value, choice_);
		break;
	}
	cpu.wrote = true;
	return old;
}

std::uint64_t Machine::model_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				 Order order, std::uint64_t expected, std::uint64_t mask)
{
	if (settings_.memory != Memory::weak)
		return stepped_rmw(cpu, word, op, operand, order, expected, mask);
	host::announce_rmw(word, order);
	return weak_->rmw(cpu, word, op, operand, order, expected, mask, agreed_);
}

void Machine::model_barrier(Cpu &cpu, AccessKind kind)
{
	if (settings_.memory == Memory::weak)
		Weak::barrier(cpu, kind, agreed_);
	else
		Clocks::barrier(cpu, kind, agreed_);
}

// The same while nobody wants to be asked: what the policy decides may change that.

std::uint64_t Machine::reserved_load(Cpu &cpu, const SharedWord &word, Order order)
{
	std::uint64_t value = model_load(cpu, word, order);
	if (cpu.granted == 0)
		grant(cpu);
	return value;
}

void Machine::reserved_store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order)
{
	model_store(cpu, word, value, order);
	if (cpu.granted == 0 || cpu.held)
		grant(cpu);
}

std::uint64_t Machine::reserved_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				    Order order, std::uint64_t expected, std::uint64_t mask)
{
	std::uint64_t old = model_rmw(cpu, word, op, operand, order, expected, mask);
	if (cpu.granted == 0)
		grant(cpu);
	return old;
}

/// TSan hears of plain accesses under sc alone: what it knows of acquire and release goes by word,
/// and on tso and weak a load may return an older store than the last. There the clocks are the
/// judges.
std::uint64_t Machine::perform(Cpu &cpu, const Access &access, SharedWord *word, PlainWord *plain,
			       RmwOp op, std::uint64_t operand, std::uint64_t expected,
			       std::uint64_t mask)
{
	Order order = weakened(access.order, access.site);
	std::uint64_t old = 0, now = operand;
	switch (access.kind) {
	case AccessKind::load:
		old = now = model_load(cpu, *word, order);
		break;
	case AccessKind::store:
		old = model_store(cpu, *word, operand, order);
		break;
	case AccessKind::rmw:
		drain(cpu);
		old = model_rmw(cpu, *word, op, operand, order, expected, mask);
		now = fails(op, old, expected, mask) ? old : apply(op, old, operand);
		break;
	case AccessKind::mb:
	case AccessKind::rmb:
	case AccessKind::wmb:
		if (order == Order::relaxed)
			break;
		if (access.kind == AccessKind::mb)
			drain(cpu);
		if (access.kind != AccessKind::wmb)
			tell_tsan_of_fences(cpu, cpu.seen);
		model_barrier(cpu, access.kind);
		host::barrier(access.kind);
		if (access.kind != AccessKind::rmb)
			tsan::release(&cpu.published);
		break;
	case AccessKind::plain_load:
		old = now = plain->word;
		if (settings_.memory == Memory::sc)
			tsan::plain_read(&plain->word);
		if (!cpu.known.covers(plain->writes))
			report_race(*plain, access.kind, access.file, access.line);
		plain->reads.set_epoch(cpu.known, cpu.unit);
		break;
	case AccessKind::plain_store:
		old = plain->word;
		if (settings_.memory == Memory::sc)
			tsan::plain_write(&plain->word);
		if (!cpu.known.covers(joined(plain->reads, plain->writes)))
			report_race(*plain, access.kind, access.file, access.line);
		plain->reads = Clock{};
		plain->writes = cpu.known.epoch(cpu.unit);
		plain->word = operand;
		break;
	case AccessKind::wait:
	case AccessKind::drain: // commit() does
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
	switch (access.kind) {
	case AccessKind::load:
		return host::load(*word, order);
	case AccessKind::store:
		host::store(*word, operand, order);
		return 0;
	case AccessKind::rmw:
		return host::rmw(*word, op, operand, order, expected, mask);
	case AccessKind::plain_load:
		tsan::plain_read(&plain->word);
		return __atomic_load_n(&plain->word, __ATOMIC_RELAXED);
	case AccessKind::plain_store:
		tsan::plain_write(&plain->word);
		__atomic_store_n(&plain->word, operand, __ATOMIC_RELAXED);
		return 0;
	case AccessKind::wait:
	case AccessKind::drain: // stepped mode's
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
	while (this_cpu().held)
		commit(this_cpu());
	tsan::release(&clock);
	if (stepped())
		clock.join(Clocks::release(this_cpu()));
}

void Machine::quiescent(unsigned cpu, Clock &clock)
{
	// TSan knows what that CPU did up to its last section's end: who calls is another.
	tsan::acquire(&cpus_[cpu].sections);
	tsan::release(&clock);
	if (!stepped())
		return host::barrier(AccessKind::mb);
	while (cpus_[cpu].held)
		commit(cpus_[cpu]);
	model_barrier(cpus_[cpu], AccessKind::mb);
	clock.join(Clocks::release(cpus_[cpu]));
}

} // namespace lazymm::machine
