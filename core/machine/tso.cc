// SPDX-License-Identifier: MIT
#include "core/machine/tso.h"

#include <algorithm>

#include "core/machine/host.h"
#include "core/machine/machine.h"

namespace lazymm::machine
{

void Tso::pop(Cpu &cpu)
{
	Held *held = held_[cpu.index];
	std::copy(held + 1, held + cpu.held, held);
	cpu.held--;
}

void Tso::age(Cpu &cpu)
{
	for (unsigned i = 0; i < cpu.held; i++)
		held_[cpu.index][i].left -= held_[cpu.index][i].left != 0;
}

const Tso::Held *Tso::find(const Cpu &cpu, const SharedWord &word) const
{
	for (unsigned i = cpu.held; i-- > 0;)
		if (held_[cpu.index][i].word == &word)
			return &held_[cpu.index][i];
	return nullptr;
}

void Machine::to_memory(SharedWord &word, std::uint64_t value, const Clock &message)
{
	word.message = message;
	// TSan was told when the store was made: behind that, whoever has seen the value may use
	// the memory for something else.
	word.word.store(value, std::memory_order_relaxed);
	if (placed)
		placed(*this, word, value, 0);
}

/// The oldest held store of the CPU reaches memory.
void Machine::commit(Cpu &cpu)
{
	const Tso::Held store = tso_->front(cpu);
	tso_->pop(cpu);
	std::uint64_t old = store.word->word.load(std::memory_order_relaxed);
	to_memory(*store.word, store.value, store.message);
	cpu.wrote = true;
	if (settings_.trace)
		record(cpu, { .kind = AccessKind::drain, .location = store.word }, old,
		       store.value);
}

/// The same as a visible access of its own: others can move before it.
void Machine::drain_one(Cpu &cpu)
{
	const Access access{ .kind = AccessKind::drain, .location = tso_->front(cpu).word };
	count_step(cpu);
	if (cpu.activity.count >= cpu.activity.ask_at)
		ask(cpu, access);
	if (cpu.held)
		commit(cpu);
}

/// What orders a store before whatever comes: full barriers, locked RMWs, interrupts, waits, a
/// context switch.
void Machine::drain(Cpu &cpu)
{
	while (cpu.held)
		drain_one(cpu);
}

/// Another visible access of the CPU begins: what is due drains first.
void Machine::drain_due(Cpu &cpu)
{
	while (cpu.held && tso_->front(cpu).left == 0)
		drain_one(cpu);
	tso_->age(cpu);
}

std::uint64_t own_word(const SharedWord &word)
{
	const Tso::Held *own = nullptr;
	if (t_cpu && t_cpu->held)
		own = t_cpu->machine->held_by(*t_cpu, word);
	return own ? own->value : word.word.load(std::memory_order_relaxed);
}

void Machine::tso_store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order)
{
	Clock message = word.message;
	Clocks::store(cpu, order, message);
	std::uint32_t n;
	settle(cpu); // positions count for decisions
	{
		tsan::Ignore ignore;
		n = settings_.policy->hold(cpu);
	}
	host::announce_store(word, order);
	if (n == 0 && cpu.held == 0) {
		to_memory(word, value, message);
		return;
	}
	if (cpu.held == Tso::kDepth)
		commit(cpu);
	tso_->push(cpu, { &word, value, message, n });
	choice_ = n;
}

std::uint64_t Machine::tso_load(Cpu &cpu, const SharedWord &word, Order order)
{
	if (const Tso::Held *own = tso_->find(cpu, word)) {
		Clocks::load(cpu, order, own->message);
		return own->value;
	}
	Clocks::load(cpu, order, word.message);
	return host::load(word, order);
}

} // namespace lazymm::machine
