// SPDX-License-Identifier: MIT
// Text to Test, by recursive descent.
#pragma once

#include <string_view>
#include <variant>

#include "core/litmus/test.h"

namespace lazymm::litmus
{

/// What a test may have; more is an error. Deeper nesting than kMaxDepth too: parsing recurses.
inline constexpr std::size_t kMaxText = 1 << 20;
inline constexpr unsigned kMaxDepth = 100;
inline constexpr std::size_t kMaxLocations = 64;
inline constexpr std::size_t kMaxRegisters = 256;

/// Parses a C litmus test. `file` is only for messages. A construct that is not covered is an
/// error that names it and its place: never a test that means something else. O(size).
std::variant<Test, Error> parse(std::string_view text, std::string_view file);

} // namespace lazymm::litmus
