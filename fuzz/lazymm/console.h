// SPDX-License-Identifier: MIT
// Where the command reads and writes.
#pragma once

#include "core/report/style.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace lazymm::command
{

enum class Color { automatic, always, never };

class Console
{
public:
	/// The streams stay the caller's.
	Console(std::FILE *in, std::FILE *out, std::FILE *err);

	/// To standard output. Errors are reported by flush().
	void print(std::string_view text);
	/// From now on print() prints nothing, because something else is to stand there alone; or
	/// again everything.
	void hold_back(bool on) { held_back_ = on; }
	/// To standard error, at once.
	void complain(std::string_view text);
	/// Throws a Failure if anything printed did not arrive (full disk, closed descriptor).
	void flush();

	/// Automatic: on a terminal, unless NO_COLOR, CLICOLOR_FORCE, CLICOLOR or TERM say
	/// otherwise.
	void set_color(Color color);
	const report::Style &style() const { return style_; }

	/// Is standard error a terminal, where a line can be drawn again?
	bool err_is_terminal() const;
	/// Columns of that terminal, or 0.
	unsigned err_width() const;

	int in_descriptor() const;

private:
	std::FILE *in_;
	std::FILE *out_;
	int error_ = 0; ///< why the first print() that failed did
	std::FILE *err_;
	bool held_back_ = false;
	report::Style style_;
};

/// Everything in it that a terminal could act on, and what is not UTF-8, as \xHH.
std::string printable(std::string_view text);

} // namespace lazymm::command
