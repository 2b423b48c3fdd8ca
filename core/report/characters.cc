// SPDX-License-Identifier: MIT
#include "core/report/characters.h"

namespace lazymm::report
{

namespace
{

constexpr char32_t kReplacement = 0xfffd;

/// C0, DEL, C1, and the two that some readers break lines at.
bool is_control(char32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

bool is_blank(char32_t code)
{
	return code == '\t' || code == '\n' || code == '\r';
}

} // namespace

Character decode(std::string_view text)
{
	if (text.empty())
		return {};
	const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
	const unsigned first = byte(0);
	if (first < 0x80)
		return { first, 1 };
	const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	constexpr char32_t kSmallest[] = { 0x80, 0x800, 0x10000 };
	if (first < 0xc2 || first > 0xf4 || text.size() < size)
		return { kReplacement, 1 };
	char32_t code = first & (0x7f >> size);
	for (std::size_t i = 1; i < size; i++) {
		if ((byte(i) & 0xc0) != 0x80)
			return { kReplacement, 1 };
		code = code << 6 | (byte(i) & 0x3f);
	}
	if (code < kSmallest[size - 2] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return { kReplacement, 1 };
	return { code, size };
}

void append_utf8(std::string &out, char32_t code)
{
	const auto append = [&](char32_t byte) { out += static_cast<char>(byte); };
	if (code < 0x80)
		return append(code);
	if (code >= 0x10000) {
		append(0xf0 | code >> 18);
		append(0x80 | (code >> 12 & 0x3f));
	} else if (code >= 0x800) {
		append(0xe0 | code >> 12);
	}
	if (code >= 0x800)
		append(0x80 | (code >> 6 & 0x3f));
	else
		append(0xc0 | code >> 6);
	append(0x80 | (code & 0x3f));
}

std::string one_line(std::string_view text)
{
	std::string out;
	while (!text.empty()) {
		const Character next = decode(text);
		append_utf8(out, is_blank(next.code)	 ? U' '
				 : is_control(next.code) ? kReplacement
							 : next.code);
		text.remove_prefix(next.size);
	}
	return out;
}

std::vector<std::string> split_lines(std::string_view text)
{
	std::vector<std::string> lines;
	while (!text.empty()) {
		const std::size_t end = std::min(text.find('\n'), text.size());
		lines.push_back(one_line(text.substr(0, end)));
		text.remove_prefix(std::min(end + 1, text.size()));
	}
	return lines;
}

std::string_view shortened(std::string_view text, std::size_t size)
{
	if (text.size() <= size)
		return text;
	while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
		size--;
	return text.substr(0, size);
}

} // namespace lazymm::report
