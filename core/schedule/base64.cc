// SPDX-License-Identifier: MIT
#include "core/schedule/base64.h"

namespace lazymm::schedule
{

namespace
{

constexpr std::string_view kAlphabet =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

std::string to_base64url(std::span<const std::uint8_t> bytes)
{
	std::string text;
	std::uint32_t window = 0;
	unsigned bits = 0;
	for (const std::uint8_t byte : bytes) {
		window = window << 8 | byte;
		for (bits += 8; bits >= 6; bits -= 6)
			text += kAlphabet[window >> (bits - 6) & 63];
	}
	if (bits > 0)
		text += kAlphabet[window << (6 - bits) & 63];
	return text;
}

std::variant<std::vector<std::uint8_t>, Base64Error> from_base64url(std::string_view text)
{
	for (unsigned padding = 0; padding < 2 && text.ends_with('='); padding++)
		text.remove_suffix(1);
	std::vector<std::uint8_t> bytes;
	std::uint32_t window = 0;
	unsigned bits = 0;
	for (std::size_t at = 0; at < text.size(); at++) {
		const std::size_t digit = kAlphabet.find(text[at]);
		if (digit == std::string_view::npos)
			return Base64Error{ at };
		window = window << 6 | static_cast<std::uint32_t>(digit);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes.push_back(static_cast<std::uint8_t>(window >> bits));
		}
	}
	// What is left over are an encoder's zeros, less than a digit of them.
	if (bits >= 6 || (window & ((1u << bits) - 1)) != 0)
		return Base64Error{ text.size() };
	return bytes;
}

} // namespace lazymm::schedule
