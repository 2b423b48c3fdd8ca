// SPDX-License-Identifier: MIT
// What GitHub Actions shows by itself: annotations, which are lines that a step prints, and the
// summary of a step, which is Markdown in a file.
#pragma once

#include "core/report/case.h"

#include <string>

namespace lazymm::report
{

/// "::error file=...,line=...,title=...::message", a line for each case that did not pass.
std::string annotations(const Cases &cases);

/// A table of counts per suite, and below it for each case that did not pass its picture in a code
/// block and the command that replays it. At most about `limit` bytes: GitHub refuses summaries of
/// more than 1 MiB. Pictures are left out when they do not fit, and it says how many.
std::string step_summary(const Cases &cases, std::size_t limit = 1 << 20);

} // namespace lazymm::report
