// SPDX-License-Identifier: MIT
// The words that findings are made of. Strings are made only when an oracle speaks.
#pragma once

#include <string>

#include "core/kernel/kernel.h"

namespace lazymm::oracles
{

/// Whether two references name the same mm, not just the same address: Ref's == is the kernel's,
/// for which an mm that reuses the memory of another one is the same.
inline bool same_mm(kernel::mm_ref a, kernel::mm_ref b)
{
	return a == b && a.generation() == b.generation();
}

/// The task that is current on `cpu`. kernel::current_task() is for code that runs on the CPU.
inline kernel::task_struct *current_task(kernel::Kernel &kernel, int cpu)
{
	return static_cast<kernel::task_struct *>(
		kernel.machine().cpu(static_cast<unsigned>(cpu)).task);
}

/// Whether a WARN_ON's text says that __mmdrop() met current->active_mm: stale-active-mm speaks of
/// those, kernel-bug of all others.
bool about_active_mm(const char *warning);

std::string mm_name(kernel::mm_ref mm);		       ///< "mm1", "init_mm"
std::string cpu_name(int cpu);			       ///< "CPU1"
std::string place(const char *file, unsigned line);    ///< "fork.cc:41", or "" if nobody knows
std::string at_place(const char *file, unsigned line); ///< " (fork.cc:41)", or ""
/// The name of the task that is current on `cpu`: "B", "idle/1".
std::string current_name(kernel::Kernel &kernel, int cpu);
/// "the lazy reference of CPU1"
std::string reference_name(kernel::Holder holder, int id);

} // namespace lazymm::oracles
