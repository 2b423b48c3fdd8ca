// SPDX-License-Identifier: MIT
// Rows laid out in 72 columns of ASCII: a column per CPU for two CPUs, a numbered list for more
// (and for one). Internal to the picture.
#pragma once

#include "core/report/story.h"
#include "core/report/style.h"

#include <string>
#include <vector>

namespace lazymm::report
{

inline constexpr std::size_t kWidth = 72;

/// The lines, each with its line break; `cpus` are the machine's.
std::string lay_out(const std::vector<Row> &rows, unsigned cpus, const Style &style);

/// `text` in lines of at most `width` characters, broken at blanks where there are some; all but
/// the first line begin with `indent` blanks. What is not printable ASCII becomes '?'.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t indent);

} // namespace lazymm::report
