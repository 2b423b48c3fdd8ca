// SPDX-License-Identifier: MIT
// Which of two schedules is the simpler one.
#pragma once

#include "core/schedule/schedule.h"

#include <compare>

namespace lazymm::schedule
{

/// What a person has to read and keep in mind, the most burdensome first; compared in this order.
/// A minimiser that accepts nothing but smaller ones ends.
struct Size {
	unsigned ops = 0;
	unsigned cpus = 0;
	unsigned tasks = 0;    ///< distinct named tasks (A..F, K, L) among the operands
	unsigned searches = 0; ///< 1 if a strategy makes decisions that nobody sees
	unsigned decisions = 0;
	unsigned kinds = 0;	   ///< sum over the decisions: run 0, irq 1, preempt 2, others 3
	std::uint64_t anchors = 0; ///< sum of `at`
	unsigned args = 0;	   ///< sum of `arg`
	unsigned operands = 0;	   ///< sum of operand_rank()

	auto operator<=>(const Size &) const = default;
};

/// For a schedule within the limits (limits.h). Linear time.
Size size(const Schedule &schedule);

/// How far an operand is from the plainest one. Tasks: A..F, then kthread, idle, K, L.
unsigned operand_rank(OperandKind kind, unsigned operand);

/// How far a decision is from the plainest one.
unsigned decision_rank(DecisionKind kind);

} // namespace lazymm::schedule
