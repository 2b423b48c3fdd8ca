// SPDX-License-Identifier: MIT
// User-level probes of membarrier's promises: by the task that is current and has an mm.
#pragma once

#include <cstdint>

#include "core/machine/machine.h"

namespace lazymm::kernel
{

const char *user_var_name(unsigned var); ///< x, y, s, t
/// Between two operations: whatever user code does there.
void user_mode();
/// Stores the next number of the run, so that whoever reads it knows the store.
void user_store(unsigned var);
void user_load(unsigned var);
/// For Machine::placed: where memory has put a store, if it is one of these.
void user_store_placed(machine::Machine &machine, const machine::SharedWord &word,
		       std::uint64_t value, unsigned under);
/// Keeps the compiler from reordering; orders nothing else.
void user_barrier();
/// Modifies the mm's code: CPUs that have not core-serialised since may run what was there before.
void patch_code();
void run_code();

} // namespace lazymm::kernel
