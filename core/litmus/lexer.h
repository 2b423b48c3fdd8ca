// SPDX-License-Identifier: MIT
// Words of a litmus test. Two languages in one file: C in the threads, herd's around them, where
// comments are (* nested *) and /\ and \/ are words.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/litmus/test.h"

namespace lazymm::litmus
{

struct Token {
	enum Kind : std::uint8_t { end, identifier, number, sign, bad } kind = end;
	std::string_view text;
	std::int64_t value = 0;	     ///< of a number
	const char *wrong = nullptr; ///< of a bad one
	Position at;
	std::size_t offset = 0; ///< in the text
};

/// Copyable: a copy is a place to come back to. The text must outlive it. Every step consumes at
/// least one character, or is the end.
class Lexer
{
public:
	enum class Language : std::uint8_t { herd, c };

	explicit Lexer(std::string_view text) : text_(text) {}

	/// The next word, which stays. It is read in the language that was set by then.
	const Token &peek();
	Token take();
	/// To be called when no word is peeked at.
	void set_language(Language language) { language_ = language; }

	/// The rest of this line, and past it.
	std::string_view take_line();
	/// Past herd's free text, up to the first { outside of comments and quotes. Returns false
	/// at the end of the text.
	bool skip_to_brace();
	/// The text between two offsets.
	std::string_view between(std::size_t from, std::size_t to) const
	{
		return text_.substr(from, to - from);
	}

private:
	char at(std::size_t ahead = 0) const
	{
		return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
	}
	bool starts(std::string_view s) const { return text_.substr(offset_).starts_with(s); }
	void step(std::size_t n = 1);
	bool skip_comment();
	Token read();
	Token read_number(Token token);

	std::string_view text_;
	std::size_t offset_ = 0;
	Position here_;
	Language language_ = Language::herd;
	std::optional<Token> peeked_;
	const char *wrong_ = nullptr; ///< a comment without an end
	Position wrong_at_;
};

} // namespace lazymm::litmus
