// SPDX-License-Identifier: MIT
// What the harness says of a bug of its own: loud, at once, never a finding.
#pragma once

namespace lazymm::machine
{

/// Prints `what` and aborts.
[[noreturn]] void harness_bug(const char *what);

} // namespace lazymm::machine
