// SPDX-License-Identifier: MIT
// Text that may hold anything (names of files, what a tool printed) made fit for formats that do
// not take anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lazymm::report
{

/// What decode() found at the beginning of a text.
struct Character {
	char32_t code = 0;    ///< U+FFFD if the bytes are no UTF-8
	std::size_t size = 0; ///< bytes it takes up; 0 at the end
};

/// The first character of `text`. Overlong forms, surrogates and bytes that are no UTF-8 are one
/// U+FFFD per byte.
Character decode(std::string_view text);

void append_utf8(std::string &out, char32_t code);

/// Valid UTF-8 without control characters: a tab or a line break becomes a blank, any other one,
/// and what is no UTF-8, U+FFFD.
std::string one_line(std::string_view text);

/// The lines of `text`, each as one_line() has it. A line break at the end begins no further one.
std::vector<std::string> split_lines(std::string_view text);

/// As much of the beginning as fits into `size` bytes without cutting a character.
std::string_view shortened(std::string_view text, std::size_t size);

} // namespace lazymm::report
