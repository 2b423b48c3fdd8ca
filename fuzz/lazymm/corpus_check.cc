// SPDX-License-Identifier: MIT
// lazymm corpus check: what was found once stays found, what is sound stays silent.
#include "core/report/json.h"
#include "fuzz/lazymm/corpus_cases.h"
#include "fuzz/lazymm/corpus_verbs.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/reports.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

struct Options {
	std::vector<std::string> directories;
	std::string at_least, scheme;
	bool part = false, json = false;
};

std::vector<CorpusEntry> read_all(const std::vector<std::string> &directories,
				  const std::string &scheme)
{
	std::vector<CorpusEntry> entries;
	for (const std::string &directory : directories) {
		for (const CorpusFile &file : some_corpus_files(directory))
			entries.push_back(read_entry(file, scheme));
	}
	return entries;
}

void append(std::vector<CorpusCase> &cases, std::vector<CorpusCase> more)
{
	std::move(more.begin(), more.end(), std::back_inserter(cases));
}

std::vector<CorpusCase> check_all(const Options &options)
{
	const std::vector<CorpusEntry> entries = read_all(options.directories, options.scheme);
	std::vector<CorpusCase> cases;
	CorpusReplay replay;
	for (const CorpusEntry &entry : entries)
		cases.push_back(replay.check(entry));
	if (!options.at_least.empty())
		append(cases, check_at_least(entries, read_all({ options.at_least }, "")));
	else if (!options.part)
		append(cases, check_complete(entries, replay));
	return cases;
}

report::Json json_of(const std::vector<CorpusCase> &cases)
{
	report::Json all = report::Json::array();
	for (const CorpusCase &one : cases)
		all.push_back({ { "name", one.name },
				{ "scheme", one.scheme },
				{ "file", one.file },
				{ "passed", one.passed },
				{ "message", one.message } });
	return all;
}

/// A suite per scheme. What a witness shows although it should show something else is a picture,
/// too.
report::Case case_of(const CorpusCase &one)
{
	report::Case out{ .suite = "corpus/" + one.scheme,
			  .name = one.name,
			  .scheme = one.scheme,
			  .file = one.file,
			  .verdict = one.passed ? report::Verdict::passed : report::Verdict::failed,
			  .message = one.message };
	if (!one.passed && one.schedule && one.result && one.result->finding)
		out.violation = { *one.schedule, *one.result, {}, "" };
	return out;
}

void print(const std::vector<CorpusCase> &cases, std::size_t failures, Console &console)
{
	std::size_t files = 0;
	for (const CorpusCase &one : cases) {
		files += !one.file.empty();
		if (!one.passed)
			console.print(fmt::format(
				"{}: {}\n", console.style().bad("FAILED"),
				printable(one.file.empty()
						  ? fmt::format("{}: {}", one.scheme, one.message)
						  : fmt::format("{}: {}", one.file, one.message))));
	}
	console.print(fmt::format("lazymm: {} files, {} checks, {} failures\n", files, cases.size(),
				  failures));
}

} // namespace

int corpus_check(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"corpus check",
		"Replays a corpus, on both engines: witnesses and regressions show what they "
		"expect, seeds of sound\nschemes nothing; every planted bug has its witness, "
		"every scheme that is called broken its token, every architecture that a scheme "
		"is not made for a witness.\nWith --at-least: DIR has as many "
		"files and features of each scheme as that one has.\nExit status: 0 all is as it "
		"should be, 1 something is not.",
		"lazymm corpus check corpus; lazymm corpus check restored --at-least corpus");
	Options options;
	CLI::App &app = line.app();
	app.add_option("DIR", options.directories, "corpora (corpus)")->type_name("");
	app.add_option("--at-least", options.at_least,
		       "fail if DIR is smaller than this, in files or features of a scheme")
		->type_name("DIR2");
	app.add_flag("--part", options.part, "a part of a corpus: not every bug needs its witness");
	app.add_option("--scheme", options.scheme, "that of raw bytes (else a directory's name is)")
		->type_name("NAME");
	app.add_flag("--json", options.json, "as JSON");
	Reports reports;
	reports.add_option(app);
	if (const auto status = line.parse(arguments, console))
		return *status;
	if (!options.scheme.empty())
		check_scheme(options.scheme);
	if (options.directories.empty())
		options.directories = { "corpus" };
	reports.open(console);
	const std::vector<CorpusCase> cases = check_all(options);
	const auto failures = static_cast<std::size_t>(std::count_if(
		cases.begin(), cases.end(), [](const CorpusCase &one) { return !one.passed; }));
	if (options.json)
		console.print(report::dump(json_of(cases)));
	else
		print(cases, failures, console);
	for (const CorpusCase &one : cases)
		reports.add(case_of(one));
	return reports.finish(failures ? kViolation : kClean, console);
}

} // namespace lazymm::command
