// SPDX-License-Identifier: MIT
// What must be seen, for `lazymm doctor`: a data race between two CPUs of the bare machine, whose
// ordered twin must not; a use after free; a leak.
#pragma once

#include "core/machine/executor.h"

namespace lazymm::command
{

/// What a run of two CPUs that both write one plain variable came to.
enum class Planted {
	racy,	///< without anything between the two
	ordered ///< one releases, the other acquires
};

/// Does the machine's own detector report a race? In a TSan build TSan does not hear of it.
bool machine_sees_race(machine::Engine engine, Planted planted);

/// Does TSan end a process that has the race? Only in a TSan build; forks.
bool tsan_sees_race(machine::Engine engine, Planted planted);

/// Does ASan end a process that uses freed memory? Only in an ASan build; forks.
bool asan_sees_use_after_free();

/// Does a process that forgets memory, or does not, end badly? Only in an ASan build; forks.
bool lsan_sees_leak(bool planted);

} // namespace lazymm::command
