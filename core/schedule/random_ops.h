// SPDX-License-Identifier: MIT
// Single operations and decisions at random: the choices that make random schedules worth running.
// Internal to edits.
#pragma once

#include "core/schedule/edits.h"

namespace lazymm::schedule
{

/// User tasks that some operation makes, a bit each; A exists at boot.
struct Cast {
	unsigned made = 1;

	/// The operation stands in the schedule: it may make a task.
	void enters(const Op &op);
};

/// The user tasks of a whole schedule. Linear time.
Cast cast_of(const Schedule &schedule);

/// An operation of the alphabet with an operand; nothing if all weights are 0.
std::optional<Op> random_op(Rng &rng, const Alphabet &alphabet, const Cast &cast, unsigned cpus);

/// An operand for this kind of operation.
std::uint8_t random_operand(Rng &rng, OpKind kind, const Cast &cast, unsigned cpus);

/// A decision for an operation of CPU `cpu`: small anchors and arguments more often than large
/// ones; reorderings only where the memory model has them.
Decision random_decision(Rng &rng, const Schedule &schedule, unsigned cpu);

} // namespace lazymm::schedule
