// SPDX-License-Identifier: MIT
// Which schedules the byte codec, the text and the edits deal in. Every schedule that they make is
// within the limits; a program that builds one by hand calls clip() when it is done.
#pragma once

#include "core/schedule/schedule.h"

#include <string_view>

namespace lazymm::schedule
{

/// Longest name of a scheme or bug, longest name of a site, most weakened sites: so that a hostile
/// text can not make a schedule that is large.
inline constexpr unsigned kMaxName = 64;
inline constexpr unsigned kMaxSite = 200;
inline constexpr unsigned kMaxWeaken = 64;

/// Number of values that this operand takes on a machine with `cpus` CPUs.
unsigned operand_range(OperandKind kind, unsigned cpus);

/// Number of values that this decision's argument takes on a machine with `cpus` CPUs.
unsigned arg_range(DecisionKind kind, unsigned cpus);

/// Does the schedule keep to the limits of schedule.h: 1..kMaxCpus CPUs, kMaxOps, kMaxDecisions,
/// anchors ascending in 1..kMaxAt, operands and arguments that name something (0 where there is
/// none to name, CPUs that exist)? Says nothing on scheme, bug and weaken. Linear time.
bool within_limits(const Schedule &schedule);

/// Bring a schedule within the limits: cut what is too long, sort the anchors, reduce what is out
/// of range. Leaves a schedule that is within them as it is. Linear time, but for the sort.
void clip(Schedule &schedule);

/// Bring decisions into the order of their anchors; equal anchors keep their order. Linear time if
/// they are nearly sorted, else quadratic.
void sort_by_anchor(std::vector<Decision> &decisions);

/// Is this the name of a scheme or of a bug: [a-z0-9-]+, at most kMaxName?
bool is_name(std::string_view text);

} // namespace lazymm::schedule
