// SPDX-License-Identifier: MIT
#include "core/report/ktap.h"

#include "core/report/characters.h"

#include <algorithm>

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

constexpr std::string_view kIndent = "  ";

/// A description holds no '#', and blanks around it are not its own.
std::string description(std::string_view text)
{
	std::string line = one_line(text);
	std::replace(line.begin(), line.end(), '#', '?');
	const std::size_t first = line.find_first_not_of(' ');
	if (first == std::string::npos)
		return "unnamed";
	line = line.substr(first, line.find_last_not_of(' ') + 1 - first);
	// "- " before a description is no part of it.
	return line.starts_with("- ") ? description(line.substr(2)) : line;
}

/// A diagnostic line must not look like the header of a subtest.
std::string diagnostic(const std::string &line)
{
	if (line.empty())
		return fmt::format("{}#\n", kIndent);
	return fmt::format("{}# {}{}\n", kIndent, line.starts_with("Subtest:") ? " " : "", line);
}

std::string result_line(const Suite &suite, const Case &one, std::size_t number)
{
	std::string name = description(one.name);
	// The kernel's parser takes a result of the suite's name for the end of the suite.
	if (name == description(suite.name))
		name += " (case)";
	const bool passed = one.verdict == Verdict::passed;
	std::string line =
		fmt::format("{}{} {} {}", kIndent, passed ? "ok" : "not ok", number, name);
	if (!passed) {
		const char *directive = one.verdict == Verdict::error ? " # ERROR " : " # ";
		line += directive + description(headline(one));
	}
	return line + '\n';
}

} // namespace

std::string ktap(const Cases &cases)
{
	const std::vector<Suite> all = suites(cases);
	std::string text = fmt::format("KTAP version 1\n1..{}\n", all.size());
	std::size_t suite_number = 0;
	for (const Suite &suite : all) {
		text += fmt::format("{0}KTAP version 1\n{0}# Subtest: {1}\n{0}1..{2}\n", kIndent,
				    description(suite.name), suite.cases.size());
		std::size_t number = 0;
		for (const Case *one : suite.cases) {
			for (const std::string &line : split_lines(body(*one)))
				text += diagnostic(line);
			text += result_line(suite, *one, ++number);
		}
		const bool passed = suite.count().passed == suite.cases.size();
		text += fmt::format("{} {} {}\n", passed ? "ok" : "not ok", ++suite_number,
				    description(suite.name));
	}
	return text;
}

} // namespace lazymm::report
