// SPDX-License-Identifier: MIT
#include "core/schedule/random_ops.h"

#include "core/schedule/limits.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace lazymm::schedule
{

namespace
{

constexpr unsigned kKthread = 8;
constexpr unsigned kIdle = 9;

/// A user task: nearly always one that exists, now and then any.
unsigned random_user(Rng &rng, const Cast &cast)
{
	if (rng.one_in(8))
		return rng.below(kUserTasks);
	unsigned nth = rng.below(static_cast<unsigned>(std::popcount(cast.made)));
	for (unsigned user = 0;; user++) {
		if ((cast.made >> user & 1) && nth-- == 0)
			return user;
	}
}

/// A name for a new task: nearly always the first that is free.
unsigned random_new_user(Rng &rng, const Cast &cast)
{
	const unsigned free = static_cast<unsigned>(std::countr_one(cast.made));
	return free >= kUserTasks || rng.one_in(8) ? rng.below(kUserTasks) : free;
}

/// To a user task half of the time, else to a kernel thread or to idle: laziness comes from there.
unsigned random_task(Rng &rng, const Cast &cast)
{
	switch (rng.below(8)) {
	case 0:
	case 1:
		return kKthread;
	case 2:
		return kIdle;
	case 3:
		return kUserTasks + rng.below(2); // K, L
	default:
		return random_user(rng, cast);
	}
}

/// Mostly what is usual: x and y, PRIVATE_EXPEDITED. Now and then any.
unsigned random_word(Rng &rng, OperandKind kind)
{
	const unsigned usual = kind == OperandKind::variable ? 2 : 3;
	return rng.below(rng.one_in(4) ? operand_count(kind) : usual);
}

/// From 1 to about 2^`bits`, each order of magnitude as often as any other.
unsigned random_magnitude(Rng &rng, unsigned bits)
{
	return 1 + rng.below(1u << rng.below(bits + 1));
}

} // namespace

void Cast::enters(const Op &op)
{
	if (op.kind == OpKind::fork || op.kind == OpKind::thread)
		made |= 1u << op.operand;
}

Cast cast_of(const Schedule &schedule)
{
	Cast cast;
	for (const std::vector<Op> &script : schedule.cpus) {
		for (const Op &op : script)
			cast.enters(op);
	}
	return cast;
}

std::uint8_t random_operand(Rng &rng, OpKind kind, const Cast &cast, unsigned cpus)
{
	unsigned operand = 0;
	switch (info(kind).operand) {
	case OperandKind::none:
		break;
	case OperandKind::cpu:
		operand = rng.below(cpus);
		break;
	case OperandKind::variable:
	case OperandKind::command:
	case OperandKind::registration:
		operand = random_word(rng, info(kind).operand);
		break;
	case OperandKind::task:
		operand = random_task(rng, cast);
		break;
	case OperandKind::user:
		operand = kind == OpKind::fork || kind == OpKind::thread
				  ? random_new_user(rng, cast)
				  : random_user(rng, cast);
		break;
	}
	return static_cast<std::uint8_t>(operand);
}

std::optional<Op> random_op(Rng &rng, const Alphabet &alphabet, const Cast &cast, unsigned cpus)
{
	const auto &weight = alphabet.weight;
	const unsigned total = std::accumulate(weight.begin(), weight.end(), 0u);
	if (total == 0)
		return std::nullopt;
	unsigned ticket = rng.below(total);
	unsigned kind = 0;
	while (ticket >= weight[kind])
		ticket -= weight[kind++];
	Op op;
	op.kind = static_cast<OpKind>(kind);
	op.operand = random_operand(rng, op.kind, cast, cpus);
	return op;
}

Decision random_decision(Rng &rng, const Schedule &schedule, unsigned cpu)
{
	// Changes of CPU and interrupts are the common causes of trouble; they get most of the
	// tickets. The last three need a memory model that reorders.
	constexpr DecisionKind kTickets[] = {
		DecisionKind::run,  DecisionKind::run,	 DecisionKind::run,  DecisionKind::preempt,
		DecisionKind::irq,  DecisionKind::defer, DecisionKind::pick, DecisionKind::older,
		DecisionKind::hold, DecisionKind::under,
	};
	const unsigned tickets = std::size(kTickets) - (schedule.memory == Memory::sc ? 3 : 0);
	const unsigned cpus = static_cast<unsigned>(schedule.cpus.size());
	Decision decision;
	decision.kind = kTickets[rng.below(tickets)];
	decision.at = static_cast<std::uint16_t>(random_magnitude(rng, 8));
	switch (decision.kind) {
	case DecisionKind::run: // another CPU, if there is one
		decision.arg = static_cast<std::uint8_t>(
			(cpu + 1 + rng.below(std::max(cpus, 2u) - 1)) % cpus);
		break;
	case DecisionKind::irq:
	case DecisionKind::preempt:
		break;
	case DecisionKind::defer:
	case DecisionKind::hold:
		decision.arg = static_cast<std::uint8_t>(random_magnitude(rng, 6));
		break;
	case DecisionKind::older:
	case DecisionKind::under:
	case DecisionKind::pick:
		decision.arg = static_cast<std::uint8_t>(random_magnitude(rng, 2));
		break;
	}
	return decision;
}

} // namespace lazymm::schedule
