// SPDX-License-Identifier: MIT
// The text form of a schedule (*.sched): what people read, edit, review and commit.
//
//	lazymm-schedule 1
//	scheme refcount
//	bug rc-missing-grab-u2k
//	memory sc
//	hotplug h1
//	arch x86
//	mm heap
//	weaken "mmdrop: mm_count"
//	search pos 17
//	cpus 2
//
//	cpu0
//	  fork B
//	  exit            +5 run cpu1     +9 irq
//	cpu1
//	  switch B
//	  switch kthread  +3 older 1
//
// The first line names the format and its version. Of the settings only `scheme` is required; the
// others are sc, scheme, scheme, pool, none and 2 if they are missing, stand in any order, once
// each (but `weaken`). Then a section per CPU, with an operation on each line and its decisions
// behind it, in ascending order; a line that begins with a decision goes on with the operation
// above it. `offline` and `online` without an operand mean the section's own CPU. A `#` outside of
// quotes starts a comment; blank lines, indentation and CRLF do not matter. In quotes, \" and
// \\ and \xHH stand for a character.
#pragma once

#include "core/schedule/schedule.h"

#include <string_view>
#include <variant>

namespace lazymm::schedule
{

/// The version that to_text() writes and parse_text() reads.
inline constexpr unsigned kTextVersion = 1;

struct ParseError {
	enum class Kind : std::uint8_t {
		syntax,	 ///< the text is wrong
		too_new, ///< it has another version; it may well be right
	};
	Kind kind = Kind::syntax;
	std::string file;
	unsigned line = 1;   ///< from 1
	unsigned column = 1; ///< from 1, in bytes
	std::string message; ///< "expected X, found 'Y' (what to do)"

	/// "file:line:column: message", one line of printable ASCII (but for the file's name).
	std::string str() const;
};

/// The canonical text: settings in the order above, only those that are not the default (but
/// memory and cpus), all CPUs, columns aligned, at most 3 decisions on a line. For a schedule
/// within the limits that has a scheme, parse_text() gives the same schedule back; one beyond them
/// is written as clip() would leave it. An empty scheme comes out as `?`, which does not parse:
/// somebody has to fill it in.
std::string to_text(const Schedule &schedule);

/// Read a schedule; the first error ends it. Whether scheme, bug and sites exist is not looked at.
/// Linear time, also on hostile text; the result is within the limits (limits.h).
std::variant<Schedule, ParseError> parse_text(std::string_view text, std::string_view file_name);

} // namespace lazymm::schedule
