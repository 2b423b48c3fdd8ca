// SPDX-License-Identifier: MIT
// What a visible access does when it is not on the fast path of shared.h. A memory model is a way
// to perform an access: this is the place for tso and weak.
#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

namespace
{
#if LAZYMM_TSAN
/// The word that stands for all full barriers: TSan does not model fences, an RMW it does.
std::atomic<std::uint64_t> barrier_word;
#endif

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

std::memory_order host(Order order)
{
	switch (order) {
	case Order::acquire:
		return std::memory_order_acquire;
	case Order::release:
		return std::memory_order_release;
	default:
		return std::memory_order_relaxed;
	}
}

std::uint64_t host_load(const SharedWord &w, Order order)
{
#if LAZYMM_TSAN
	return __tsan_atomic64_load(tsan::atomic64(w.word), tsan::order(order));
#else
	return w.word.load(host(order));
#endif
}

void host_store(SharedWord &w, std::uint64_t value, Order order)
{
#if LAZYMM_TSAN
	__tsan_atomic64_store(tsan::atomic64(w.word), value, tsan::order(order));
#else
	w.word.store(value, host(order));
#endif
}

bool host_compare_exchange(SharedWord &w, std::uint64_t &old, std::uint64_t value, Order order)
{
#if LAZYMM_TSAN
	long expected = static_cast<long>(old);
	bool done = __tsan_atomic64_compare_exchange_strong(tsan::atomic64(w.word), &expected,
							    value, tsan::order(order),
							    __tsan_memory_order_relaxed);
	old = expected;
	return done;
#else
	return w.word.compare_exchange_strong(old, value, host(order), std::memory_order_relaxed);
#endif
}

/// Also for free mode, where other CPUs are at it: every RMW is a compare-exchange loop.
std::uint64_t host_rmw(SharedWord &w, RmwOp op, std::uint64_t operand, Order order,
		       std::uint64_t expected, std::uint64_t mask)
{
	std::uint64_t old = host_load(w, Order::relaxed);
	do {
		if (op == RmwOp::compare_exchange && ((old ^ expected) & mask))
			break;
	} while (!host_compare_exchange(w, old, apply(op, old, operand), order));
	return old;
}

void host_barrier(AccessKind kind)
{
#if LAZYMM_TSAN
	__tsan_memory_order order = kind == AccessKind::mb    ? __tsan_memory_order_seq_cst
				    : kind == AccessKind::rmb ? __tsan_memory_order_acquire
							      : __tsan_memory_order_release;
	__tsan_atomic64_fetch_add(tsan::atomic64(barrier_word), 0, order);
#else
	std::atomic_thread_fence(kind == AccessKind::mb	   ? std::memory_order_seq_cst
				 : kind == AccessKind::rmb ? std::memory_order_acquire
							   : std::memory_order_release);
#endif
}

void clock_barrier(Cpu &cpu, AccessKind kind, Clock &agreed)
{
	if (kind == AccessKind::mb)
		Clocks::mb(cpu, agreed);
	else if (kind == AccessKind::rmb)
		Clocks::rmb(cpu);
	else
		Clocks::wmb(cpu);
}

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

std::uint64_t slow_load(const SharedWord &w, Order order, const Site *site, const Where &where)
{
	return this_machine().access(describe(AccessKind::load, order, &w, site, where),
				     const_cast<SharedWord *>(&w), nullptr, {}, 0, 0, 0);
}

void slow_store(SharedWord &w, std::uint64_t value, Order order, const Site *site,
		const Where &where)
{
	this_machine().access(describe(AccessKind::store, order, &w, site, where), &w, nullptr, {},
			      value, 0, 0);
}

std::uint64_t SharedWord::rmw(RmwOp op, std::uint64_t operand, Order order, const Site *site,
			      const Where &where, std::uint64_t expected, std::uint64_t mask)
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]]
		return cpu.machine->access(describe(AccessKind::rmw, order, this, site, where),
					   this, nullptr, op, operand, expected, mask);
	cpu.fuel--;
	return cpu.machine->stepped_rmw(cpu, *this, op, operand, weakened(order, site), expected,
					mask);
}

std::uint64_t slow_load(const PlainWord &w, const Where &where)
{
	return this_machine().access(
		describe(AccessKind::plain_load, Order::relaxed, &w, nullptr, where), nullptr,
		const_cast<PlainWord *>(&w), {}, 0, 0, 0);
}

void slow_store(PlainWord &w, std::uint64_t value, const Where &where)
{
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
		access(describe(kind, Order::full, nullptr, site, where), nullptr, nullptr, {}, 0,
		       0, 0);
		return;
	}
	cpu.fuel--;
	if (!site || !site->weakened())
		clock_barrier(cpu, kind, agreed_);
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
	return old;
}

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
		old = now = host_load(*word, order);
		break;
	case AccessKind::store:
		old = word->word.load(std::memory_order_relaxed);
		Clocks::store(cpu, order, word->message);
		host_store(*word, operand, order);
		break;
	case AccessKind::rmw:
		old = word->word.load(std::memory_order_relaxed);
		if (fails(op, old, expected, mask)) {
			now = old;
			Clocks::load(cpu, Order::relaxed, word->message);
			host_load(*word, Order::relaxed);
			break;
		}
		now = apply(op, old, operand);
		clock_rmw(cpu, order, word->message, agreed_);
		if (order == Order::full)
			host_barrier(AccessKind::mb);
		host_rmw(*word, op, operand, order, expected, mask);
		if (order == Order::full)
			host_barrier(AccessKind::mb);
		break;
	case AccessKind::mb:
	case AccessKind::rmb:
	case AccessKind::wmb:
		if (order == Order::relaxed)
			break;
		clock_barrier(cpu, access.kind, agreed_);
		host_barrier(access.kind);
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
		return host_load(*word, order);
	case AccessKind::store:
		host_store(*word, operand, order);
		return 0;
	case AccessKind::rmw:
		if (order == Order::full)
			host_barrier(AccessKind::mb);
		old = host_rmw(*word, op, operand, order, expected, mask);
		if (order == Order::full)
			host_barrier(AccessKind::mb);
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
			host_barrier(access.kind);
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
		return host_barrier(AccessKind::mb);
	Clocks::mb(cpus_[cpu], agreed_);
	clock.join(Clocks::release(cpus_[cpu]));
}

void Machine::report_race(const PlainWord &word, AccessKind kind, const char *file, unsigned line)
{
	Cpu &cpu = this_cpu();
	settle(cpu);
	race_ = { &word, kind, file, line, cpu.index, cpu.index, false };
	for (unsigned i = 0; i < settings_.cpus; i++) {
		bool wrote = word.writes.lane(i) > cpu.known.lane(i);
		if (!wrote &&
		    (kind == AccessKind::plain_load || word.reads.lane(i) <= cpu.known.lane(i)))
			continue;
		race_.other_cpu = i;
		race_.other_wrote = wrote;
		break;
	}
	finish(Outcome::race);
}

void Machine::record(const Cpu &cpu, const Access &access, std::uint64_t before,
		     std::uint64_t after)
{
	Event e;
	e.step = steps_;
	e.op = cpu.activity.op;
	e.at = cpu.activity.count;
	e.cpu = cpu.index;
	e.context = cpu.context->index;
	e.kind = access.kind;
	e.order = access.order;
	if (access.location) {
		e.name = access.location->name();
		if (access.location->owner())
			e.owner = *access.location->owner();
	} else if (access.what) {
		e.name = access.what;
	}
	e.site = access.site ? access.site->name() : nullptr;
	e.file = access.file;
	e.line = access.line;
	e.before = before;
	e.after = after;
	tsan::Ignore ignore; // the allocator
	settings_.trace->events.push_back(e);
}

void Machine::note(std::uint8_t code, std::uint64_t a, std::uint64_t b, const char *text,
		   const Where &where)
{
	if (!settings_.trace)
		return;
	const Cpu &cpu = this_cpu();
	Event e;
	e.step = steps_;
	e.op = cpu.activity.op;
	e.at = cpu.activity.count;
	e.cpu = cpu.index;
	e.context = cpu.context->index;
	e.note = code;
	e.file = where.file_name();
	e.line = where.line();
	e.before = a;
	e.after = b;
	e.name = text;
	tsan::Ignore ignore;
	settings_.trace->events.push_back(e);
}

} // namespace lazymm::machine
