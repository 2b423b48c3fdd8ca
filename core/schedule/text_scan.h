// SPDX-License-Identifier: MIT
// The words of a text, with their positions, and the first thing that is wrong with them: what is
// below the grammar. Internal to the text format.
#pragma once

#include "core/schedule/text.h"

namespace lazymm::schedule
{

/// What stands at a position of the text.
struct Word {
	std::string_view text; ///< empty at the end of a line and of the text
	unsigned line = 1;
	unsigned column = 1;
	bool end_of_text = false;

	bool ends() const { return text.empty(); }
};

/// Walks over a text line by line, and over a line word by word. Blanks, tabs, comments and the CR
/// of a CRLF are nowhere. Each byte is looked at a few times at most.
class Scanner
{
public:
	Scanner(std::string_view text, std::string_view file_name);

	/// Go to the next line that has a word. False at the end of the text.
	bool next_line();

	/// The next word of the line, which stays the next one.
	Word peek();

	/// Take the next word of the line.
	Word word();

	/// Take a string in double quotes; fails if there is none.
	bool string(std::string &out);

	/// Fails unless the line has no more words.
	bool end_of_line(std::string_view expected = "the end of the line");

	/// Note the error, "expected X, found 'Y' (hint)", at the position of `found`. Always
	/// false, so that whatever fails returns it and its caller goes home.
	bool fail(const Word &found, std::string_view expected, std::string_view hint = "");

	/// What fail() noted.
	ParseError error;

private:
	void skip_blanks();
	Word here(std::size_t length) const;
	bool escape(std::string &out);

	std::string_view rest_; ///< lines not yet gone to
	std::string_view line_; ///< without its end
	std::size_t at_ = 0;	///< in line_
	unsigned number_ = 0;	///< of line_, from 1
	bool end_of_text_ = false;
};

/// A decimal number from `low` to `high`; nothing if it is none, is outside, or overflows.
std::optional<std::uint32_t> number(std::string_view text, std::uint32_t low, std::uint32_t high);

/// Is it one or more of 0..9, however many?
bool all_digits(std::string_view text);

/// "did you mean 'NAME'?", or nothing for no name.
std::string did_you_mean(std::string_view name);

} // namespace lazymm::schedule
