// SPDX-License-Identifier: MIT
// User-level probes of membarrier's promises: by the task that is current and has an mm.
#pragma once

#include <cstdint>

namespace lazymm::kernel
{

const char *user_var_name(unsigned var); ///< x, y, s, t
/// Between two operations: whatever user code does there.
void user_mode();
/// Stores the next number of the run, so that whoever reads it knows the store.
void user_store(unsigned var);
void user_load(unsigned var);
/// Keeps the compiler from reordering; orders nothing else.
void user_barrier();
/// Modifies the mm's code: CPUs that have not core-serialised since may run what was there before.
void patch_code();
void run_code();

} // namespace lazymm::kernel
