// SPDX-License-Identifier: MIT
// Foreign characters in one printable line.
#pragma once

#include <string>
#include <string_view>

namespace lazymm::schedule
{

/// Is it one of the characters that a terminal acts on, NUL and DEL among them?
bool is_control(char c);

/// `text` in double quotes, such that Scanner::string() gives it back: \" and \\ for the two, \xHH
/// for control characters, everything else (UTF-8, say) as it is.
std::string quoted(std::string_view text);

/// `text` for an error message, in single quotes: the first 32 characters, with those that are not
/// printable ASCII as \xHH.
std::string shown(std::string_view text);

/// 0 to 15, or -1.
int hex_digit(char c);

} // namespace lazymm::schedule
