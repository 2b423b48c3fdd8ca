// SPDX-License-Identifier: MIT
// A sanitizer's report says what was done, and not in which run: this line goes with it.
#pragma once

namespace lazymm::report
{

/// To standard error: the token of the schedule that the calling thread is in the middle of, and
/// how to replay it; nothing if it is in none. For the callbacks of sanitizers.
void say_what_ran();

} // namespace lazymm::report
