// SPDX-License-Identifier: MIT
#include "core/schedule/text_quote.h"

namespace lazymm::schedule
{

namespace
{

constexpr std::size_t kShown = 32;

void append_hex(std::string &text, char c)
{
	constexpr char kDigits[] = "0123456789abcdef";
	text += "\\x";
	text += kDigits[static_cast<unsigned char>(c) >> 4];
	text += kDigits[static_cast<unsigned char>(c) & 15];
}

} // namespace

bool is_control(char c)
{
	return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string quoted(std::string_view text)
{
	std::string out = "\"";
	for (const char c : text) {
		if (is_control(c)) {
			append_hex(out, c);
			continue;
		}
		if (c == '"' || c == '\\')
			out += '\\';
		out += c;
	}
	out += '"';
	return out;
}

std::string shown(std::string_view text)
{
	std::string out = "'";
	for (const char c : text.substr(0, kShown)) {
		if (is_control(c) || static_cast<unsigned char>(c) >= 0x80)
			append_hex(out, c);
		else
			out += c;
	}
	if (text.size() > kShown)
		out += "...";
	out += '\'';
	return out;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

} // namespace lazymm::schedule
