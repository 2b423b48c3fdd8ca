// SPDX-License-Identifier: MIT
// Single events of a trace in the words of the kernel. Internal to reports.
#pragma once

#include "core/kernel/events.h"
#include "core/machine/trace.h"

#include <string>

namespace lazymm::report
{

/// "mm1", "init_mm"; "NULL" for an empty reference.
std::string mm_name(kernel::mm_ref mm);

/// "READ_ONCE(rq1.lazy_mm) = mm1", "spin_lock(rq0.lock)", "mm1.mm_count: 2 -> 1", "smp_mb() /* site
/// */".
std::string access_text(const machine::Event &event);

/// A word that some location held: "mm1", "B", "NULL", "-1". What it is, a trace does not say; the
/// location's name does.
std::string value_text(const machine::Event &event, std::uint64_t word);

/// What the kernel said, short enough for a column: "mm1.mm_count 1 -> 0 (lazy CPU1)". `cpu` is
/// where it was said. Empty for what a reader does not miss.
std::string note_text(const kernel::KernelEvent &event, unsigned cpu);

/// "load", "store", "rmw", "mb", ...
const char *name(machine::AccessKind kind);
/// "relaxed", "acquire", "release", "full".
const char *name(machine::Order order);
/// "mm_alloc", "grab", ...
const char *name(kernel::EventKind kind);

/// Does a wait event stand for a choice among several (Machine::pick), not for a wait?
inline bool is_pick(const machine::Event &event)
{
	return event.kind == machine::AccessKind::wait && event.before >= 2;
}

} // namespace lazymm::report
