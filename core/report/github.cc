// SPDX-License-Identifier: MIT
#include "core/report/github.h"

#include "core/report/characters.h"

#include <algorithm>

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

/// More than a message that is read, and much less than what GitHub refuses.
constexpr std::size_t kMessage = 4000;

/// As the toolkit of actions escapes it (packages/core/src/command.ts): data, and with `property`
/// what stands between commas. All that may break the line must be valid UTF-8 before.
std::string escaped(std::string_view text, bool property)
{
	std::string out;
	while (!text.empty()) {
		const Character next = decode(text);
		const char32_t code = next.code;
		text.remove_prefix(next.size);
		if (code == '%' || code == '\r' || code == '\n' ||
		    (property && (code == ':' || code == ',')))
			out += fmt::format("%{:02X}", static_cast<unsigned>(code));
		else if (code < 0x20 && code != '\t')
			append_utf8(out, 0xfffd);
		else
			append_utf8(out, code);
	}
	return out;
}

std::string annotation(const Case &one)
{
	const Place where = place(one);
	std::string properties;
	if (!where.file.empty())
		properties += "file=" + escaped(where.file, true) + ',';
	if (!where.file.empty() && where.line)
		properties += fmt::format("line={},", where.line);
	properties += "title=" + escaped(one_line(one.name + ": " + headline(one)), true);
	std::string message = one.message;
	if (one.violation) {
		const auto &finding = one.violation->result.finding;
		if (!message.empty())
			message += '\n';
		message += finding ? finding->text + '\n' : "";
		message += replay_command(one);
	}
	return fmt::format("::error {}::{}\n", properties,
			   escaped(shortened(message, kMessage), false));
}

/// What Markdown would take for something of its own.
std::string markdown(std::string_view text)
{
	std::string out;
	for (const char c : one_line(text)) {
		if (std::string_view("\\`*_[]<>|#&~").find(c) != std::string_view::npos)
			out += '\\';
		out += c;
	}
	return out;
}

/// In a fence that is longer than any in the text.
std::string code_block(std::string_view text, const char *language)
{
	std::size_t longest = 0, run = 0;
	for (const char c : text) {
		run = c == '`' ? run + 1 : 0;
		longest = std::max(longest, run);
	}
	const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
	std::string out = fence + language + '\n';
	for (const std::string &line : split_lines(text))
		out += line + '\n';
	return out + fence + '\n';
}

std::string table(const Cases &cases)
{
	std::string text = "| suite | passed | failed | errors |\n|---|---:|---:|---:|\n";
	for (const Suite &suite : suites(cases)) {
		const Count count = suite.count();
		text += fmt::format("| {} | {} | {} | {} |\n", markdown(suite.name), count.passed,
				    count.failed, count.errors);
	}
	return text;
}

std::string section(const Case &one)
{
	std::string text =
		fmt::format("\n#### {}: {}\n\n", markdown(one.name), markdown(headline(one)));
	if (one.scheme.size())
		text += fmt::format("Scheme {}", markdown(one.scheme));
	if (!one.file.empty())
		text += fmt::format("{} {}", one.scheme.empty() ? "In" : ", in",
				    markdown(one.file));
	text += "\n\n" + code_block(body(one), "text");
	if (const std::string command = replay_command(one); !command.empty())
		text += '\n' + code_block(command, "sh");
	return text;
}

} // namespace

std::string annotations(const Cases &cases)
{
	std::string text;
	for (const Case &one : cases) {
		if (one.verdict != Verdict::passed)
			text += annotation(one);
	}
	return text;
}

std::string step_summary(const Cases &cases, std::size_t limit)
{
	const Count all = count(cases);
	std::string text = fmt::format("### lazymm: {} passed, {} failed, {} errors\n\n",
				       all.passed, all.failed, all.errors) +
			   table(cases);
	std::size_t left_out = 0;
	for (const Case &one : cases) {
		if (one.verdict == Verdict::passed)
			continue;
		const std::string more = section(one);
		if (left_out || text.size() + more.size() > limit)
			left_out++;
		else
			text += more;
	}
	if (left_out)
		text += fmt::format("\n{} more that did not pass {} left out here.\n", left_out,
				    left_out == 1 ? "is" : "are");
	return text + '\n';
}

} // namespace lazymm::report
