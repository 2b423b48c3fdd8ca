// SPDX-License-Identifier: MIT
#include "core/harness/decider.h"

#include <algorithm>
#include <bit>

namespace lazymm
{

using machine::Access;
using machine::Choice;
using machine::Cpu;
using machine::CpuSet;
using schedule::Decision;
using schedule::DecisionKind;

namespace
{
constexpr std::uint32_t kNever = 0xffffffff;

constexpr unsigned bit(DecisionKind kind)
{
	return 1u << static_cast<unsigned>(kind);
}
constexpr unsigned kBeforeAccess =
	bit(DecisionKind::run) | bit(DecisionKind::irq) | bit(DecisionKind::preempt);
} // namespace

void Decider::begin(const std::vector<const schedule::Op *> &ops, Strategy *strategy, Result &log)
{
	ops_ = &ops;
	strategy_ = strategy;
	log_ = &log;
	cursor_.assign(ops.size(), 0);
	std::fill(std::begin(strategy_at_), std::end(strategy_at_), 0);
}

void Decider::log(const Cpu &cpu, DecisionKind kind, unsigned arg)
{
	if (cpu.activity.op == machine::kNoOp || cpu.activity.count > schedule::kMaxAt ||
	    cpu.activity.count == 0) {
		log_->unanchored = true;
		return;
	}
	log_->taken.push_back({ cpu.activity.op,
				{ static_cast<std::uint16_t>(cpu.activity.count), kind,
				  static_cast<std::uint8_t>(std::min(arg, schedule::kMaxArg)) } });
}

/// The explicit decision for this position if it is of one of `kinds`, and takes it. Those that lie
/// behind did not apply and are passed over.
const Decision *Decider::explicit_at(const Cpu &cpu, unsigned kinds)
{
	std::uint16_t op = cpu.activity.op;
	if (op == machine::kNoOp)
		return nullptr;
	const auto &decisions = (*ops_)[op]->decisions;
	std::uint16_t &i = cursor_[op];
	while (i < decisions.size() && decisions[i].at < cpu.activity.count)
		i++;
	if (i == decisions.size() || decisions[i].at != cpu.activity.count ||
	    !(kinds & bit(decisions[i].kind)))
		return nullptr;
	return &decisions[i++];
}

std::uint32_t Decider::next_question(const Cpu &cpu)
{
	std::uint32_t at = kNever;
	if (searching(cpu)) {
		at = cpu.activity.count + 1 + strategy_->lookahead(cpu);
		strategy_at_[cpu.index] = at;
	}
	if (cpu.activity.op != machine::kNoOp) {
		const auto &decisions = (*ops_)[cpu.activity.op]->decisions;
		for (std::size_t i = cursor_[cpu.activity.op]; i < decisions.size(); i++) {
			if (decisions[i].at > cpu.activity.count)
				return std::min<std::uint32_t>(at, decisions[i].at);
		}
	}
	return at;
}

Choice Decider::before_access(const Cpu &cpu, const Access &access, CpuSet movable)
{
	Choice choice;
	if (const Decision *d = explicit_at(cpu, kBeforeAccess)) {
		choice.kind = d->kind == DecisionKind::run   ? Choice::run
			      : d->kind == DecisionKind::irq ? Choice::irq
							     : Choice::preempt;
		choice.cpu = d->arg;
	} else if (searching(cpu) && cpu.activity.count >= strategy_at_[cpu.index]) {
		choice = strategy_->before_access(cpu, access, movable);
	}
	switch (choice.kind) {
	case Choice::go_on:
		break;
	case Choice::run:
		if (movable >> choice.cpu & 1)
			log(cpu, DecisionKind::run, choice.cpu);
		break;
	case Choice::irq:
		log(cpu, DecisionKind::irq, 0);
		break;
	case Choice::preempt:
		log(cpu, DecisionKind::preempt, 0);
		break;
	}
	return choice;
}

unsigned Decider::next_cpu(const Cpu &cpu, CpuSet movable)
{
	// By default the next one that can run, round robin.
	CpuSet later = movable & ~((2u << cpu.index) - 1);
	unsigned usual = std::countr_zero(later ? later : movable);
	unsigned next = usual;
	if (const Decision *d = explicit_at(cpu, bit(DecisionKind::run))) {
		if (movable >> d->arg & 1)
			next = d->arg;
	} else if (searching(cpu)) {
		next = strategy_->next_cpu(cpu, movable);
	}
	if (next != usual)
		log(cpu, DecisionKind::run, next);
	return next;
}

/// A number from 0, the usual, to `most`: the schedule's, else the strategy's; logged if it is not
/// 0.
template <class Ask>
unsigned Decider::number(const Cpu &cpu, DecisionKind kind, unsigned most, Ask ask)
{
	unsigned k = 0;
	if (const Decision *d = explicit_at(cpu, bit(kind)))
		k = std::min<unsigned>(d->arg, most);
	else if (searching(cpu))
		k = std::min<unsigned>(ask(), most);
	if (k)
		log(cpu, kind, k);
	return k;
}

std::uint32_t Decider::hold_back(const Cpu &cpu)
{
	return number(cpu, DecisionKind::defer, schedule::kMaxArg,
		      [&] { return strategy_->hold_back(cpu); });
}

unsigned Decider::pick(const Cpu &cpu, unsigned n)
{
	unsigned k = 0;
	if (const Decision *d = explicit_at(cpu, bit(DecisionKind::pick)))
		k = d->arg % n;
	else if (searching(cpu))
		k = strategy_->pick(cpu, n) % n;
	if (k)
		log(cpu, DecisionKind::pick, k);
	return k;
}

unsigned Decider::older(const Cpu &cpu, unsigned n)
{
	return number(cpu, DecisionKind::older, n - 1, [&] { return strategy_->older(cpu, n); });
}

unsigned Decider::under(const Cpu &cpu, unsigned n)
{
	return number(cpu, DecisionKind::under, n - 1, [&] { return strategy_->under(cpu, n); });
}

std::uint32_t Decider::hold(const Cpu &cpu)
{
	return number(cpu, DecisionKind::hold, schedule::kMaxArg,
		      [&] { return strategy_->hold(cpu); });
}

} // namespace lazymm
