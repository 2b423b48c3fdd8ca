// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/adoption.h"

#include "core/report/columns.h"
#include "core/report/picture.h"
#include "core/schedule/text.h"
#include "fuzz/lazymm/corpus_files.h"
#include "fuzz/lazymm/failure.h"

#include <regex>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

constexpr unsigned kColumns = 98;

/// One line, whatever is in it.
std::string one_line(const std::string &key, const std::string &value)
{
	return fmt::format("# {}: {}\n", key, printable(value));
}

/// Source lines change; what the finding says does not.
std::string without_source_lines(const std::string &text)
{
	static const std::regex place(R"( \([a-z0-9_]+\.(cc|h):[0-9]+\))");
	return std::regex_replace(text, place, "");
}

} // namespace

std::string regression_text(const Schedule &schedule, const Result &result,
			    const Provenance &provenance)
{
	const Finding &finding = *result.finding;
	std::string text = fmt::format("# {}\n", printable(report::title(finding)));
	for (const std::string &line :
	     report::wrap(printable(without_source_lines(finding.text)), kColumns, 0))
		text += fmt::format("# {}\n", line);
	text += one_line("expect", finding.oracle + " " + finding.kind);
	if (!provenance.oracles.empty())
		text += one_line("oracles", fmt::format("{}", fmt::join(provenance.oracles, ",")));
	text += one_line("from", provenance.from);
	text += one_line("found", provenance.found);
	text += schedule::to_text(schedule);
	const auto again = schedule::parse_text(text, "the text");
	if (const auto *same = std::get_if<Schedule>(&again); !same || *same != schedule)
		throw Failure("the text of the schedule reads as another one; this is a bug of "
			      "lazymm, please report it",
			      kCannotTell);
	return text;
}

std::string where_it_is(const Schedule &schedule, const std::string &directory)
{
	for (const CorpusFile &file : corpus_files(directory)) {
		try {
			const CorpusEntry entry = read_entry(file, "");
			if (entry.schedule && *entry.schedule == schedule)
				return file.path;
		} catch (const Failure &) {
			// What cannot be read is not this one.
		}
	}
	return "";
}

} // namespace lazymm::command
