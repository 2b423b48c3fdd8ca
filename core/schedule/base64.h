// SPDX-License-Identifier: MIT
// base64url (RFC 4648, section 5). Internal to tokens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lazymm::schedule
{

/// Without padding.
std::string to_base64url(std::span<const std::uint8_t> bytes);

/// Where decoding stopped: at a character that is none of the alphabet, or at the end of a text
/// that is cut off (no encoder ends so).
struct Base64Error {
	std::size_t at;
};

/// Padding at the end is accepted.
std::variant<std::vector<std::uint8_t>, Base64Error> from_base64url(std::string_view text);

} // namespace lazymm::schedule
