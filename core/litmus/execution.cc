// SPDX-License-Identifier: MIT
// The frame of a run, and the instructions that touch no memory; the others are in
// execution_access.cc.
#include "core/litmus/execution.h"

#include <algorithm>

#include "core/litmus/word.h"

namespace lazymm::litmus
{

namespace
{
/// Two's complement, and no surprises from shifts.
std::int64_t apply(Expr::Op op, std::int64_t x, std::int64_t y)
{
	auto a = static_cast<std::uint64_t>(x), b = static_cast<std::uint64_t>(y);
	switch (op) {
	case Expr::add:
		return static_cast<std::int64_t>(a + b);
	case Expr::sub:
		return static_cast<std::int64_t>(a - b);
	case Expr::mul:
		return static_cast<std::int64_t>(a * b);
	case Expr::bit_and:
		return static_cast<std::int64_t>(a & b);
	case Expr::bit_or:
		return static_cast<std::int64_t>(a | b);
	case Expr::bit_xor:
		return static_cast<std::int64_t>(a ^ b);
	case Expr::shl:
		return static_cast<std::int64_t>(a << (b & 63));
	case Expr::shr:
		return x >> (b & 63);
	case Expr::eq:
		return x == y;
	case Expr::ne:
		return x != y;
	case Expr::lt:
		return x < y;
	case Expr::le:
		return x <= y;
	case Expr::gt:
		return x > y;
	case Expr::ge:
		return x >= y;
	default:
		return 0;
	}
}

std::int64_t apply(Expr::Kind kind, std::int64_t x)
{
	switch (kind) {
	case Expr::negate:
		return static_cast<std::int64_t>(-static_cast<std::uint64_t>(x));
	case Expr::logic_not:
		return !x;
	default:
		return ~x;
	}
}

std::uint64_t hash(const std::vector<std::int64_t> &slots)
{
	std::uint64_t h = 0xcbf29ce484222325;
	for (std::int64_t s : slots)
		h = (h ^ static_cast<std::uint64_t>(s)) * 0x100000001b3;
	return h;
}
} // namespace

Execution::Execution(machine::Machine &machine, const Program &program)
	: machine_(machine), program_(program), lock_published_(program.names.size())
{
	for (const std::string &name : program.names)
		words_.emplace_back(name.c_str(), nullptr);
	for (unsigned i = 0; i < program.threads.size(); i++) {
		markers_.emplace_back("rcu", nullptr);
		Thread &t = threads_[i];
		t.execution = this;
		t.code = &program.threads[i];
		t.slots.resize(t.code->initial.size());
		t.rounds.resize(t.code->loops);
		t.dependencies.size(t.slots.size(), words_.size(), t.code->scopes);
		t.index = i;
	}
}

machine::Outcome Execution::run(machine::Policy &policy, machine::Memory memory)
{
	unsigned n = program_.threads.size();
	machine_.reset({ .cpus = n, .memory = memory, .dependencies = true, .policy = &policy });
	for (std::size_t i = 0; i < words_.size(); i++)
		words_[i].init(encode(program_.initial[i]));
	std::fill(lock_published_.begin(), lock_published_.end(), machine::Clock{});
	rcu_.reset();
	memory_ = memory;
	abandoned_ = cut_ = false;
	wrong_ = nullptr;
	machine::Context *first[machine::kMaxCpus];
	for (unsigned i = 0; i < n; i++) {
		Thread &t = threads_[i];
		std::copy(t.code->initial.begin(), t.code->initial.end(), t.slots.begin());
		std::fill(t.rounds.begin(), t.rounds.end(), Round{});
		t.at = t.stores = 0;
		t.pending = t.code->future[0];
		t.buffered = 0;
		t.wants = nullptr;
		if (memory == machine::Memory::weak)
			t.dependencies.reset();
		t.unlock_known = t.unlock_published = machine::Clock{};
		markers_[i].init(0);
		first[i] = &machine_.spawn(&Execution::entry, &t);
	}
	return machine_.run(first);
}

void Execution::entry(void *arg)
{
	auto &thread = *static_cast<Thread *>(arg);
	machine::this_machine().begin_activity(thread.index);
	thread.execution->run_thread(thread);
}

void Execution::run_thread(Thread &t)
{
	std::int64_t *slots = t.slots.data();
	for (;;) {
		const Instr &i = t.code->instrs[t.at];
		if (memory_ == machine::Memory::weak)
			t.dependencies.follow(i);
		switch (i.kind) {
		case Instr::end:
			t.pending = {};
			return;
		case Instr::move:
			slots[i.dst] = slots[i.a];
			break;
		case Instr::unary:
			slots[i.dst] = apply(i.expr, slots[i.a]);
			break;
		case Instr::binary:
			slots[i.dst] = apply(i.op, slots[i.a], slots[i.b]);
			break;
		case Instr::branch_zero:
			if (slots[i.a])
				break;
			t.at = i.target;
			continue;
		case Instr::loop:
			go_round(t, i);
			[[fallthrough]];
		case Instr::jump:
			t.at = i.target;
			continue;
		case Instr::scope_begin:
		case Instr::scope_end:
			break;
		case Instr::access:
			access(t, i);
			break;
		}
		t.at++;
	}
}

/// A round that changed nothing shows no more than the same execution without it: wait for
/// somebody's store.
void Execution::go_round(Thread &t, const Instr &i)
{
	Round &round = t.rounds[i.loop_index];
	std::uint64_t state = hash(t.slots);
	bool idle = round.count && round.state == state && round.stores == t.stores;
	round.state = state;
	round.stores = t.stores;
	if (++round.count > kMaxRounds) {
		cut_ = true;
		machine_.stop_run();
	}
	if (idle) {
		t.pending = { .global = Footprint::unknown };
		machine_.relax();
		after_access();
	}
}

void Execution::after_access()
{
	if (abandoned_)
		machine_.stop_run();
}

void Execution::stop(const char *what, Position at)
{
	wrong_ = what;
	wrong_at_ = at;
	machine_.stop_run();
}

Footprint Execution::future(unsigned cpu) const
{
	const Thread &t = threads_[cpu];
	Footprint f = t.code->future[t.at];
	f.writes |= t.buffered;
	return f;
}

unsigned Execution::loads_ahead(unsigned cpu) const
{
	const Thread &t = threads_[cpu];
	return t.at + 1 < t.code->ahead.size() ? t.code->ahead[t.at + 1] : 0;
}

bool Execution::blocked(unsigned cpu) const
{
	const Word *lock = threads_[cpu].wants;
	return lock && lock->peek() != 0;
}

std::int64_t Execution::final_register(std::uint32_t thread, std::uint32_t index) const
{
	return threads_[thread].slots[index];
}

std::int64_t Execution::final_memory(std::uint32_t location) const
{
	return decode(words_[location].peek());
}

std::int64_t Execution::final_value(const Column &c) const
{
	return c.is_register ? final_register(c.thread, c.index) : final_memory(c.index);
}

} // namespace lazymm::litmus
