// SPDX-License-Identifier: MIT
#include "core/report/junit.h"

#include "core/report/characters.h"
#include "core/schedule/names.h"
#include "core/schedule/token.h"

#include <algorithm>

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

/// XML 1.0, 2.2: Char.
bool is_xml(char32_t code)
{
	return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xd800) ||
	       (code >= 0xe000 && code < 0xfffe) || code >= 0x10000;
}

/// For text and for attributes in double quotes: what XML does not take becomes U+FFFD, and white
/// space stays what it is.
std::string escaped(std::string_view text, bool attribute)
{
	std::string out;
	while (!text.empty()) {
		const Character next = decode(text);
		text.remove_prefix(next.size);
		const char32_t code = is_xml(next.code) ? next.code : 0xfffd;
		if (code == '&')
			out += "&amp;";
		else if (code == '<')
			out += "&lt;";
		else if (code == '>')
			out += "&gt;";
		else if (attribute && code == '"')
			out += "&quot;";
		else if (code == '\r' || (attribute && (code == '\n' || code == '\t')))
			out += fmt::format("&#{};", static_cast<unsigned>(code));
		else
			append_utf8(out, code);
	}
	return out;
}

std::string attribute(const char *name, std::string_view value)
{
	return fmt::format(" {}=\"{}\"", name, escaped(value, true));
}

std::string counts(const Count &count)
{
	return fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\"", count.all(), count.failed,
			   count.errors);
}

/// Readers show it as a path of packages.
std::string class_name(std::string suite)
{
	std::replace(suite.begin(), suite.end(), '/', '.');
	return suite;
}

std::vector<std::pair<const char *, std::string>> properties(const Case &one)
{
	std::vector<std::pair<const char *, std::string>> all;
	const auto add = [&](const char *name, std::string value) {
		if (!value.empty())
			all.emplace_back(name, std::move(value));
	};
	add("scheme", one.scheme);
	if (one.verdict == Verdict::passed)
		add("note", one.message);
	if (!one.violation)
		return all;
	const schedule::Schedule &schedule = one.violation->schedule;
	add("bug", schedule.bug);
	add("memory", name(schedule.memory));
	if (const auto &finding = one.violation->result.finding) {
		add("oracle", finding->oracle);
		add("kind", finding->kind);
	}
	add("token", schedule::to_token(schedule));
	add("replay", replay_command(one));
	return all;
}

std::string outcome(const Case &one)
{
	if (one.verdict == Verdict::passed)
		return "";
	const char *element = one.verdict == Verdict::failed ? "failure" : "error";
	const auto &violation = one.violation;
	const std::string type = violation && violation->result.finding
					 ? violation->result.finding->oracle
					 : element;
	return fmt::format("\t\t\t<{}{}{}>{}</{}>\n", element, attribute("message", headline(one)),
			   attribute("type", type), escaped(body(one), false), element);
}

std::string test_case(const Case &one)
{
	std::string text = "\t\t<testcase" + attribute("name", one.name) +
			   attribute("classname", class_name(one.suite));
	const Place where = one.file.empty() ? place(one) : Place{ one.file, one.line };
	if (!where.file.empty())
		text += attribute("file", where.file);
	if (where.line)
		text += attribute("line", std::to_string(where.line));
	text += ">\n";
	if (const auto all = properties(one); !all.empty()) {
		text += "\t\t\t<properties>\n";
		for (const auto &[name, value] : all)
			text += "\t\t\t\t<property" + attribute("name", name) +
				attribute("value", value) + "/>\n";
		text += "\t\t\t</properties>\n";
	}
	return text + outcome(one) + "\t\t</testcase>\n";
}

} // namespace

std::string junit(const Cases &cases)
{
	std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
			   attribute("name", "lazymm") + counts(count(cases)) + ">\n";
	for (const Suite &suite : suites(cases)) {
		text += "\t<testsuite" + attribute("name", suite.name) + counts(suite.count()) +
			">\n";
		for (const Case *one : suite.cases)
			text += test_case(*one);
		text += "\t</testsuite>\n";
	}
	return text + "</testsuites>\n";
}

} // namespace lazymm::report
