// SPDX-License-Identifier: MIT
// lazymm corpus stats: how much there is of what.
#include "core/report/json.h"
#include "fuzz/lazymm/corpus_shown.h"
#include "fuzz/lazymm/corpus_verbs.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"

#include <map>
#include <set>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

struct Row {
	std::size_t files = 0, bytes = 0, operations = 0, unread = 0;
	Features features; ///< as a search of the scheme starts from them
	std::set<std::string> findings;

	void add(const CorpusEntry &entry, Shower &shower)
	{
		files++;
		bytes += entry.content.size();
		if (!entry.schedule) {
			unread++;
			return;
		}
		for (const auto &script : entry.schedule->cpus)
			operations += script.size();
		const Shown shown = shower.show(*entry.schedule, entry.notes);
		unread += !shown.why_not.empty();
		if (const auto it = shown.features.find(entry.schedule->scheme);
		    it != shown.features.end())
			features.add(it->second);
		if (shown.finding)
			findings.insert(shown.finding->oracle + " " + shown.finding->kind);
	}
};

/// By scheme and kind.
using Rows = std::map<std::pair<std::string, CorpusKind>, Row>;

std::string table(const Rows &rows)
{
	std::string text =
		fmt::format("{:<28}{:<12}{:>7}{:>10}{:>12}{:>10}{:>10}\n", "scheme", "kind",
			    "files", "bytes", "operations", "features", "findings");
	std::size_t files = 0, unread = 0;
	for (const auto &[key, row] : rows) {
		text += fmt::format("{:<28}{:<12}{:>7}{:>10}{:>12}{:>10}{:>10}\n",
				    printable(key.first), name(key.second), row.files, row.bytes,
				    row.operations, row.features.count(), row.findings.size());
		files += row.files;
		unread += row.unread;
	}
	return text +
	       fmt::format("{} files{}\n", files,
			   unread ? fmt::format(", {} of which this build cannot run", unread)
				  : "");
}

report::Json json_of(const Rows &rows)
{
	report::Json all = report::Json::array();
	for (const auto &[key, row] : rows)
		all.push_back({ { "scheme", key.first },
				{ "kind", name(key.second) },
				{ "files", row.files },
				{ "bytes", row.bytes },
				{ "operations", row.operations },
				{ "features", row.features.count() },
				{ "findings", row.findings },
				{ "cannot_run", row.unread } });
	return all;
}

} // namespace

int corpus_stats(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"corpus stats",
		"Says how much there is of what, per scheme and kind: files, bytes, "
		"operations; features, which\nis what a fuzz target would learn from them; "
		"findings, distinct ones.",
		"lazymm corpus stats corpus");
	std::vector<std::string> directories;
	std::string scheme;
	bool json = false;
	line.app().add_option("DIR", directories, "corpora (corpus)")->type_name("");
	line.app()
		.add_option("--scheme", scheme, "that of raw bytes (else a directory's name is)")
		->type_name("NAME");
	line.app().add_flag("--json", json, "as JSON");
	if (const auto status = line.parse(arguments, console))
		return *status;
	if (!scheme.empty())
		check_scheme(scheme);
	if (directories.empty())
		directories = { "corpus" };
	Rows rows;
	Shower shower;
	for (const std::string &directory : directories) {
		for (const CorpusFile &file : some_corpus_files(directory)) {
			const CorpusEntry entry = read_entry(file, scheme);
			rows[{ entry.schedule ? entry.schedule->scheme : file.scheme, file.kind }]
				.add(entry, shower);
		}
	}
	console.print(json ? report::dump(json_of(rows)) : table(rows));
	return kClean;
}

} // namespace lazymm::command
