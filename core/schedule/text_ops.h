// SPDX-License-Identifier: MIT
// The lines of a CPU's section: operations with their decisions. Internal to the text format.
#pragma once

#include "core/schedule/text_scan.h"

namespace lazymm::schedule
{

/// Read the line at which `in` stands into the script of `cpu`: an operation, or more decisions of
/// the last one.
bool read_operation(Scanner &in, Schedule &out, unsigned cpu);

/// "cpu0", "cpu0 or cpu1", "cpu0 to cpu3".
std::string cpu_names(const Schedule &schedule);

} // namespace lazymm::schedule
