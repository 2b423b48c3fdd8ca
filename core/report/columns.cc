// SPDX-License-Identifier: MIT
#include "core/report/columns.h"

#include <algorithm>

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

// "   1  ", then two columns; the left one ends in two blanks.
constexpr std::size_t kNumber = 6;
constexpr std::size_t kLeft = 32;
constexpr std::size_t kRight = kWidth - kNumber - kLeft;
constexpr std::size_t kRemark = 16; ///< "switch kthread", and two blanks
constexpr std::size_t kIndent = 2;

using Lines = std::vector<std::string>;

Lines step_lines(const Row &row, std::size_t width)
{
	if (row.remark.empty())
		return wrap(row.text, width, kIndent);
	const std::string aligned = fmt::format("{:<{}}{}", row.text, kRemark, row.remark);
	if (row.text.size() < kRemark && aligned.size() <= width)
		return { aligned };
	const std::string close = row.text + "  " + row.remark;
	if (close.size() <= width)
		return { close };
	Lines lines = wrap(row.text, width, kIndent);
	for (const std::string &line : wrap(row.remark, width - kIndent, 1))
		lines.push_back(std::string(kIndent, ' ') + line);
	return lines;
}

Lines lines_of(const Row &row, std::size_t width)
{
	if (row.kind == Row::Kind::step)
		return step_lines(row, width);
	Lines lines = wrap(row.text, width - kIndent, kIndent);
	for (std::string &line : lines)
		line.insert(0, kIndent, ' ');
	return lines;
}

std::string painted(const std::string &line, Row::Kind kind, const Style &style)
{
	switch (kind) {
	case Row::Kind::step:
		return style.strong(line);
	case Row::Kind::verdict:
		return style.bad(line);
	case Row::Kind::marker:
	case Row::Kind::access:
		return style.faint(line);
	case Row::Kind::event:
		break;
	}
	return line;
}

std::string number(const Row &row, unsigned &step)
{
	return row.kind == Row::Kind::step ? fmt::format("{:>4}  ", ++step)
					   : std::string(kNumber, ' ');
}

std::string two_columns(const std::vector<Row> &rows, const Style &style)
{
	std::string text = fmt::format("{0:{1}}{2:<{3}}{4}\n{0:{1}}{5:<{3}}{5}\n", "", kNumber,
				       "CPU0", kLeft, "CPU1", "----");
	unsigned step = 0;
	for (const Row &row : rows) {
		std::string margin = number(row, step);
		for (const std::string &line : lines_of(row, row.cpu ? kRight : kLeft - kIndent)) {
			text += margin;
			if (row.cpu)
				text.append(kLeft, ' ');
			text += painted(line, row.kind, style) + '\n';
			margin.assign(kNumber, ' ');
		}
	}
	return text;
}

std::string folded(const std::vector<Row> &rows, const Style &style)
{
	std::string text;
	unsigned step = 0;
	for (const Row &row : rows) {
		std::string margin = number(row, step);
		Row named = row;
		if (row.kind == Row::Kind::step)
			named.text = fmt::format("CPU{}: {}", row.cpu, row.text);
		else if (row.kind == Row::Kind::verdict)
			named.text = fmt::format("{} (CPU{})", row.text, row.cpu);
		for (const std::string &line : lines_of(named, kWidth - kNumber)) {
			text += margin + painted(line, row.kind, style) + '\n';
			margin.assign(kNumber, ' ');
		}
	}
	return text;
}

/// Where to break a text of which `room` characters fit into the line: at a blank, else behind a
/// punctuation mark, else anywhere.
std::size_t place_to_break(const std::string &text, std::size_t room)
{
	const std::size_t blank = text.rfind(' ', room);
	if (blank != std::string::npos && text.find_first_not_of(' ') < blank)
		return blank;
	const std::size_t mark = text.find_last_of("(.,/_-", room - 1);
	return mark != std::string::npos && mark > room / 2 ? mark + 1 : room;
}

char printable(char c)
{
	return c >= ' ' && c <= '~' ? c : '?';
}

} // namespace

std::string lay_out(const std::vector<Row> &rows, unsigned cpus, const Style &style)
{
	return cpus == 2 ? two_columns(rows, style) : folded(rows, style);
}

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t indent)
{
	std::string rest;
	std::transform(text.begin(), text.end(), std::back_inserter(rest), printable);
	std::vector<std::string> lines;
	std::string margin;
	while (margin.size() + rest.size() > width) {
		const std::size_t room = width - margin.size();
		const std::size_t cut = place_to_break(rest, room);
		lines.push_back(margin + rest.substr(0, rest.find_last_not_of(' ', cut - 1) + 1));
		rest.erase(0, std::min(rest.find_first_not_of(' ', cut), rest.size()));
		margin.assign(indent, ' ');
	}
	if (!rest.empty() || lines.empty())
		lines.push_back(margin + rest);
	return lines;
}

} // namespace lazymm::report
