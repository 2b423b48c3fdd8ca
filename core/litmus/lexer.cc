// SPDX-License-Identifier: MIT
#include "core/litmus/lexer.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace lazymm::litmus
{

namespace
{
constexpr std::string_view kBlank = " \t\r\n\f\v";

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr std::string_view kSigns[] = { "/\\", "\\/", "<<", ">>", "<=", ">=", "==", "!=", "=>",
					"&&",  "||",  "++", "--", "+=", "-=", "->", "|=", "&=" };
} // namespace

std::string Error::text() const
{
	return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + what;
}

void Lexer::step(std::size_t n)
{
	for (; n && offset_ < text_.size(); n--, offset_++) {
		if (text_[offset_] == '\n')
			here_ = { here_.line + 1, 1 };
		else
			here_.column++;
	}
}

/// At a comment: past it, true.
bool Lexer::skip_comment()
{
	if (starts("//")) {
		step(std::min(text_.find('\n', offset_), text_.size()) - offset_);
		return true;
	}
	bool herd = language_ == Language::herd && starts("(*");
	if (!herd && !starts("/*"))
		return false;
	Position begin = here_;
	unsigned depth = 0;
	do {
		if (herd && starts("(*")) {
			depth++;
			step(2);
		} else if (!herd && depth == 0) {
			depth = 1;
			step(2);
		} else if (starts(herd ? "*)" : "*/")) {
			depth--;
			step(2);
		} else if (offset_ < text_.size()) {
			step();
		} else {
			wrong_ = "a comment without an end";
			wrong_at_ = begin;
			return true;
		}
	} while (depth);
	return true;
}

const Token &Lexer::peek()
{
	if (!peeked_)
		peeked_ = read();
	return *peeked_;
}

Token Lexer::take()
{
	Token t = peek();
	peeked_.reset();
	return t;
}

Token Lexer::read_number(Token token)
{
	std::size_t n = 0;
	while (is_digit(at(n)) || is_letter(at(n)))
		n++;
	token.kind = Token::number;
	token.text = text_.substr(offset_, n);
	step(n);
	std::string_view digits = token.text;
	while (!digits.empty() && std::string_view("uUlL").find(digits.back()) != digits.npos)
		digits.remove_suffix(1);
	int base = 10;
	if (digits.starts_with("0x") || digits.starts_with("0X")) {
		base = 16;
		digits.remove_prefix(2);
	} else if (digits.size() > 1 && digits[0] == '0') {
		base = 8;
	}
	auto [end, error] =
		std::from_chars(digits.data(), digits.data() + digits.size(), token.value, base);
	if (error != std::errc{} || end != digits.data() + digits.size()) {
		token.kind = Token::bad;
		token.wrong = "not a number";
	}
	return token;
}

Token Lexer::read()
{
	for (;;) {
		if (wrong_)
			return { .kind = Token::bad, .wrong = wrong_, .at = wrong_at_ };
		if (kBlank.find(at()) != kBlank.npos)
			step();
		else if (!skip_comment())
			break;
	}
	Token token{ .at = here_, .offset = offset_ };
	if (offset_ == text_.size())
		return token;
	if (is_digit(at()))
		return read_number(token);
	std::size_t n = 1;
	if (is_letter(at())) {
		while (is_letter(at(n)) || is_digit(at(n)))
			n++;
		token.kind = Token::identifier;
	} else if (at() > ' ' && at() < '\x7f') {
		for (std::string_view sign : kSigns)
			if (starts(sign))
				n = sign.size();
		token.kind = Token::sign;
	} else {
		token.kind = Token::bad;
		token.wrong = "a character that C does not know";
	}
	token.text = text_.substr(offset_, n);
	step(n);
	return token;
}

std::string_view Lexer::take_line()
{
	std::size_t from = offset_;
	step(std::min(text_.find('\n', offset_), text_.size()) - offset_);
	std::string_view line = text_.substr(from, offset_ - from);
	step();
	return line;
}

bool Lexer::skip_to_brace()
{
	while (offset_ < text_.size() && at() != '{' && !wrong_) {
		if (at() == '"') {
			std::size_t quote = text_.find('"', offset_ + 1);
			step(quote == text_.npos ? 1 : quote + 1 - offset_);
		} else if (!skip_comment()) {
			step();
		}
	}
	return at() == '{' || wrong_;
}

} // namespace lazymm::litmus
