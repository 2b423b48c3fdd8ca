// SPDX-License-Identifier: MIT
// The single cuts of which shrinks.cc makes its sequence. Internal to it.
#pragma once

#include "core/schedule/schedule.h"

#include <utility>

namespace lazymm::schedule
{

/// Remove CPU `gone`: its script, and in the other scripts what names it (`run cpuN`, `offline
/// cpuN`). CPUs above it move down by one.
void remove_cpu(Schedule &schedule, unsigned gone);

/// Name task `to` wherever `from` is named. False if some operand that would have to be renamed can
/// not name `to` (no `fork kthread`), or nothing names `from`; the schedule is then unspecified.
bool rename_task(Schedule &schedule, unsigned from, unsigned to);

/// Where the `nth` operation stands, counted over the scripts from cpu0 on.
struct OpPlace {
	std::size_t cpu;
	std::size_t at;
};
OpPlace nth_op(const Schedule &schedule, std::size_t nth);

/// Where the `nth` decision stands, counted likewise.
struct DecisionPlace {
	OpPlace op;
	std::size_t at;
};
DecisionPlace nth_decision(const Schedule &schedule, std::size_t nth);

std::size_t op_count(const Schedule &schedule);

/// Remove the operations / decisions number `first` up to, not including, `last`.
void remove_ops(Schedule &schedule, std::size_t first, std::size_t last);
void remove_decisions(Schedule &schedule, std::size_t first, std::size_t last);

/// Part number `index` of the sequence whole, 2 halves, 4 quarters, ... of `length` things, the
/// last part of each level first, as [first, last). Empty if the part is, or if an earlier level
/// has cut into single things already. Empty for good from `halving_count(length)` on.
std::pair<std::size_t, std::size_t> halving(std::size_t length, std::size_t index);
std::size_t halving_count(std::size_t length);

} // namespace lazymm::schedule
