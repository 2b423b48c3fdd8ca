// SPDX-License-Identifier: MIT
#include "core/schedule/text_scan.h"

#include "core/schedule/text_quote.h"

#include <algorithm>
#include <charconv>

namespace lazymm::schedule
{

namespace
{

bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

} // namespace

Scanner::Scanner(std::string_view text, std::string_view file_name) : rest_(text)
{
	error.file = file_name;
}

bool Scanner::next_line()
{
	while (!end_of_text_) {
		const std::size_t end = std::min(rest_.find('\n'), rest_.size());
		line_ = rest_.substr(0, end);
		end_of_text_ = end == rest_.size();
		rest_.remove_prefix(std::min(end + 1, rest_.size()));
		if (line_.ends_with('\r'))
			line_.remove_suffix(1);
		// Some editors begin a text with a byte order mark.
		at_ = number_ == 0 && line_.starts_with("\xef\xbb\xbf") ? 3 : 0;
		number_++;
		if (!peek().ends())
			return true;
	}
	return false;
}

void Scanner::skip_blanks()
{
	while (at_ < line_.size() && is_blank(line_[at_]))
		at_++;
}

Word Scanner::here(std::size_t length) const
{
	Word word;
	word.text = line_.substr(at_, length);
	word.line = number_;
	word.column = static_cast<unsigned>(at_ + 1);
	word.end_of_text = word.ends() && end_of_text_;
	return word;
}

Word Scanner::peek()
{
	skip_blanks();
	const std::size_t end = std::min(line_.find_first_of(" \t#", at_), line_.size());
	return here(end - at_);
}

Word Scanner::word()
{
	const Word word = peek();
	at_ += word.text.size();
	return word;
}

bool Scanner::escape(std::string &out)
{
	const std::string_view rest = line_.substr(at_);
	if (rest.starts_with("\\\"") || rest.starts_with("\\\\")) {
		out += rest[1];
		at_ += 2;
		return true;
	}
	const bool hex = rest.starts_with("\\x") && rest.size() >= 4;
	const int high = hex ? hex_digit(rest[2]) : -1;
	const int low = hex ? hex_digit(rest[3]) : -1;
	if (high < 0 || low < 0)
		return fail(here(2), "\\\", \\\\ or \\xHH");
	out += static_cast<char>(high << 4 | low);
	at_ += 4;
	return true;
}

bool Scanner::string(std::string &out)
{
	const Word start = peek();
	if (!start.text.starts_with('"'))
		return fail(start, "a name in double quotes");
	out.clear();
	at_++;
	while (at_ < line_.size() && line_[at_] != '"') {
		if (is_control(line_[at_]))
			return fail(here(1), "a printable character or \\xHH");
		if (line_[at_] != '\\')
			out += line_[at_++];
		else if (!escape(out))
			return false;
	}
	if (at_ == line_.size())
		return fail(here(0), "a closing double quote");
	at_++;
	return true;
}

bool Scanner::end_of_line(std::string_view expected)
{
	const Word extra = peek();
	return extra.ends() || fail(extra, expected);
}

bool Scanner::fail(const Word &found, std::string_view expected, std::string_view hint)
{
	error.line = found.line;
	error.column = found.column;
	error.message = "expected ";
	error.message += expected;
	error.message += ", found ";
	if (found.ends())
		error.message += found.end_of_text ? "the end of the text" : "the end of the line";
	else
		error.message += shown(found.text);
	if (!hint.empty()) {
		error.message += " (";
		error.message += hint;
		error.message += ')';
	}
	return false;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t low, std::uint32_t high)
{
	std::uint32_t value = 0;
	if (!all_digits(text) ||
	    std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{} ||
	    value < low || value > high)
		return std::nullopt;
	return value;
}

bool all_digits(std::string_view text)
{
	return !text.empty() &&
	       std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string did_you_mean(std::string_view name)
{
	return name.empty() ? "" : "did you mean '" + std::string(name) + "'?";
}

} // namespace lazymm::schedule
