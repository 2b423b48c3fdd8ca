// SPDX-License-Identifier: MIT
// lazymm matrix: who catches what. Every planted bug under every strategy from several seeds, each
// from an empty corpus; and every sound scheme for as long, which has to stay silent.
#include "core/harness/minimize.h"
#include "core/harness/search.h"
#include "core/report/json.h"
#include "core/schedule/names.h"
#include "core/schedule/size.h"
#include "core/schedule/token.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/matrix_properties.h"
#include "fuzz/lazymm/progress.h"
#include "fuzz/lazymm/reports.h"
#include "fuzz/lazymm/run_options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"

#include <algorithm>
#include <sstream>
#include <tuple>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

using report::Json;
using schedule::Memory;
using schedule::Strategy;

struct Options {
	unsigned cases = 2000;
	std::vector<std::string> bugs, schemes, strategies;
	unsigned seeds = 5, shard = 1, shards = 1;
	double seconds = 120;
	std::uint64_t runs = 0;
	bool json = false, markdown = false, no_schemes = false, properties = false;
	std::string render; ///< file, or ""
	Reports reports;
};

/// A planted bug, or a scheme that is called sound.
struct Row {
	const schemes::BugInfo *bug = nullptr;
	const schemes::SchemeInfo *scheme = nullptr;
	Memory memory = Memory::sc;
	Strategy strategy = Strategy::portfolio;

	const char *name() const { return bug ? bug->id : scheme->name; }
};

/// What came of a row.
struct Cell {
	unsigned found = 0;
	std::vector<std::uint64_t> runs; ///< of those seeds that found it
	std::vector<double> seconds;
	std::optional<Minimized> witness; ///< the smallest
};

template <class T>
T median(std::vector<T> values)
{
	if (values.empty())
		return {};
	std::sort(values.begin(), values.end());
	return values[values.size() / 2];
}

SearchOptions search_of(const Row &row, const Options &options, unsigned seed)
{
	SearchOptions search;
	search.base.scheme = row.bug ? row.bug->scheme : row.scheme->name;
	search.base.bug = row.bug ? row.bug->id : "";
	search.base.memory = row.memory;
	search.base.cpus.resize(3);
	search.strategy = row.strategy;
	search.seed = seed;
	search.seconds = options.seconds;
	search.runs = options.runs;
	search.interrupted = [] { return Interrupt::raised() != 0; };
	choose_operations(search,
			  row.bug ? std::vector<std::string>{} : std::vector<std::string>{ "all" });
	return search;
}

Cell fill(Runner &runner, const Row &row, const Options &options, Progress &progress)
{
	Cell cell;
	for (unsigned seed = 1; seed <= options.seeds && !Interrupt::raised(); seed++) {
		SearchOptions search = search_of(row, options, seed);
		prepare(runner, search.base, "");
		search.progress = [&](std::uint64_t runs) {
			progress.tick([&](double) {
				return fmt::format("{}, {}, seed {}: {} runs", row.name(),
						   schedule::name(row.strategy), seed, runs);
			});
		};
		const SearchResult found = lazymm::search(runner, search);
		if (!found.finding)
			continue;
		cell.found++;
		cell.runs.push_back(found.runs);
		cell.seconds.push_back(found.seconds);
		auto smaller = minimize(runner, *found.schedule, *found.finding, search.run,
					{ .seconds = 10 }, search.interrupted);
		if (smaller && (!cell.witness || schedule::size(smaller->schedule) <
							 schedule::size(cell.witness->schedule)))
			cell.witness = std::move(smaller);
	}
	return cell;
}

Json to_json(const Row &row, const Cell &cell, const Options &options)
{
	Json json{ { row.bug ? "bug" : "scheme", row.name() },
		   { "strategy", schedule::name(row.strategy) },
		   { "memory", schedule::name(row.memory) },
		   { "seeds", options.seeds },
		   { "found", cell.found },
		   { "runs", median(cell.runs) },
		   { "seconds", median(cell.seconds) } };
	if (cell.witness) {
		const schedule::Size size = schedule::size(cell.witness->schedule);
		json["oracle"] = cell.witness->finding.oracle;
		json["kind"] = cell.witness->finding.kind;
		json["operations"] = size.ops;
		json["depth"] = size.decisions;
		json["weakest"] = schedule::name(cell.witness->schedule.memory);
		json["token"] = schedule::to_token(cell.witness->schedule);
	}
	return json;
}

constexpr const char *kHead =
	"| bug or scheme | strategy | found | oracle | runs (median) | s | operations | depth | "
	"memory |\n|---|---|---|---|---|---|---|---|---|\n";

/// One line, as Markdown or for a terminal.
std::string to_text(const Json &row, bool markdown)
{
	const bool bug = row.contains("bug");
	const std::string name = row[bug ? "bug" : "scheme"];
	const std::string strategy = row["strategy"];
	const unsigned found = row["found"], seeds = row["seeds"];
	const std::string share = bug	       ? fmt::format("{}/{}", found, seeds)
				  : found == 0 ? "silent"
					       : "NOT SILENT";
	const auto text = [&](const char *key) {
		if (!row.contains(key))
			return std::string("-");
		return row[key].is_string() ? row[key].get<std::string>()
					    : std::to_string(row[key].get<unsigned>());
	};
	const std::string runs = found ? std::to_string(row["runs"].get<std::uint64_t>()) : "-";
	const std::string seconds =
		found ? fmt::format("{:.1f}", row["seconds"].get<double>()) : "-";
	const std::string memory = row.contains("weakest") ? text("weakest") : text("memory");
	if (markdown)
		return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name,
				   strategy, share, text("oracle"), runs, seconds,
				   text("operations"), text("depth"), memory);
	return fmt::format(
		"{:<34} {:<10} {:>6}  {:<17} {:>9} runs {:>6} s  {:>2} ops, depth {:>2}, {}\n",
		name, strategy, share, text("oracle"), runs, seconds, text("operations"),
		text("depth"), memory);
}

bool wanted(const std::vector<std::string> &names, const char *name)
{
	return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<Row> rows(const Options &options)
{
	std::vector<Strategy> strategies;
	for (unsigned i = 0; i < schedule::kStrategies; i++)
		if (wanted(options.strategies, schedule::name(static_cast<Strategy>(i))))
			strategies.push_back(static_cast<Strategy>(i));
	std::vector<Row> all;
	for (const schemes::BugInfo *bug : schemes::all_bugs())
		for (const Strategy strategy : strategies)
			if (!bug->equivalent && wanted(options.bugs, bug->id))
				all.push_back({ .bug = bug,
						.memory = memory_of(bug->memory),
						.strategy = strategy });
	for (const schemes::SchemeInfo *scheme : schemes::all_schemes())
		for (const Memory memory : { Memory::sc, Memory::tso, Memory::weak })
			for (const Strategy strategy : strategies)
				if (scheme->expect == schemes::Expect::sound &&
				    !options.no_schemes && options.bugs.empty() &&
				    wanted(options.schemes, scheme->name))
					all.push_back({ .scheme = scheme,
							.memory = memory,
							.strategy = strategy });
	std::vector<Row> mine;
	for (std::size_t i = 0; i < all.size(); i++)
		if (i % options.shards + 1 == options.shard)
			mine.push_back(all[i]);
	return mine;
}

/// A bug is to be found from every seed, a sound scheme is to be silent.
report::Case case_of(Runner &runner, const Row &row, const Cell &cell, const Options &options)
{
	report::Case one{ .suite = row.bug ? "matrix/bugs" : "matrix/schemes",
			  .name = fmt::format("{} {} {}", row.name(), schedule::name(row.strategy),
					      schedule::name(row.memory)),
			  .scheme = row.bug ? row.bug->scheme : row.scheme->name };
	if (cell.found != (row.bug ? options.seeds : 0))
		one.verdict = report::Verdict::failed;
	if (cell.found || row.bug)
		one.message = fmt::format("found from {} of {} seeds", cell.found, options.seeds);
	if (row.bug || !cell.witness)
		return one;
	const schedule::Schedule &schedule = cell.witness->schedule;
	prepare(runner, schedule, "");
	one.violation = { schedule, run_twice(runner, schedule, {}), cell.witness, "" };
	return one;
}

int interrupted(Options &options, Console &console)
{
	options.reports.add({ .suite = "matrix",
			      .name = "all rows",
			      .verdict = report::Verdict::error,
			      .message = "interrupted before the last row" });
	return options.reports.finish(128 + Interrupt::raised(), console);
}

int make(Options &options, Console &console)
{
	Runner runner;
	unsigned missed = 0, spoke = 0;
	const Interrupt interrupt;
	Progress progress(console);
	if (options.markdown)
		console.print(kHead);
	for (const Row &row : rows(options)) {
		const Cell cell = fill(runner, row, options, progress);
		if (Interrupt::raised())
			return interrupted(options, console);
		options.reports.add(case_of(runner, row, cell, options));
		missed += row.bug && cell.found < options.seeds;
		spoke += !row.bug && cell.found > 0;
		const Json json = to_json(row, cell, options);
		console.print(options.json ? json.dump() + '\n' : to_text(json, options.markdown));
		console.flush();
	}
	if (!options.json && !options.markdown)
		console.print(
			fmt::format("lazymm: {} row{} of bugs not found from every seed, {} of "
				    "sound schemes not silent\n",
				    missed, missed == 1 ? "" : "s", spoke));
	return options.reports.finish(missed || spoke ? kViolation : kClean, console);
}

/// Rows of --json, of all shards, in one order and as a table: no search.
int render(const Options &options, Console &console)
{
	const auto order = [](const Json &row) {
		const bool scheme = row.contains("scheme");
		return std::make_tuple(scheme, row.at(scheme ? "scheme" : "bug").get<std::string>(),
				       row.at("memory").get<std::string>(),
				       row.at("strategy").get<std::string>());
	};
	std::vector<Json> rows;
	std::istringstream lines(read_file(options.render));
	std::string line;
	try {
		while (std::getline(lines, line)) {
			rows.push_back(Json::parse(line));
			order(rows.back());
			for (const char *key : { "seeds", "found", "runs", "seconds" })
				rows.back().at(key).get<double>();
		}
		std::sort(rows.begin(), rows.end(),
			  [&](const Json &a, const Json &b) { return order(a) < order(b); });
		std::string text = options.markdown ? kHead : "";
		for (const Json &row : rows)
			text += options.json ? row.dump() + '\n' : to_text(row, options.markdown);
		console.print(text);
	} catch (const nlohmann::json::exception &error) {
		throw Failure(fmt::format("'{}' has not the rows of 'lazymm matrix --json': {}",
					  options.render, error.what()));
	}
	return kClean;
}

/// "2/4"
void read_shard(const std::string &word, Options &options)
{
	unsigned k = 0, n = 0;
	char end = 0;
	if (std::sscanf(word.c_str(), "%u/%u%c", &k, &n, &end) != 2 || k < 1 || k > n)
		throw Failure(fmt::format("--shard: expected K/N with 1 <= K <= N, found '{}'",
					  printable(word)));
	options.shard = k;
	options.shards = n;
}

} // namespace

int matrix(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"matrix",
		"Searches for every planted bug with every strategy, from several seeds, each from "
		"an empty\ncorpus, and in every sound scheme on every memory model for as long. "
		"Exit "
		"status: 0 if all\nis as it should be, 1 if a bug was not found from every seed, "
		"or "
		"a sound scheme was not silent.",
		"lazymm matrix --bugs rc-relaxed-dec,hz-callback-no-recheck --strategies "
		"portfolio");
	Options options;
	std::vector<std::string> bugs, schemes, strategies;
	std::string shard;
	CLI::App &app = line.app();
	const auto names = [&](const char *option, std::vector<std::string> &list,
			       const char *what) {
		app.add_option(option, list, what)->allow_extra_args(false)->type_name("NAMES");
	};
	names("--bugs", bugs, "only these planted bugs, and no schemes: a,b");
	names("--schemes", schemes, "of the sound schemes only these: a,b");
	names("--strategies", strategies, "only these: random,pct,pos,surw,stall,portfolio");
	app.add_flag("--properties", options.properties,
		     "properties in the place of strategies: which bug does which of them catch?");
	app.add_option("--cases", options.cases, "of --properties, per row (2000)")
		->check(is_number(1, 1'000'000'000));
	app.add_flag("--no-schemes", options.no_schemes, "planted bugs only");
	app.add_option("--seeds", options.seeds, "per row (5)")->check(is_number(1, 1000));
	app.add_option("--seconds", options.seconds, "per seed (120); 0: no limit")
		->check(is_seconds());
	app.add_option("--runs", options.runs, "per seed; 0: no limit")->check(is_number(0, ~0ull));
	app.add_option("--shard", shard, "the K-th of N parts of the rows")->type_name("K/N");
	app.add_flag("--json", options.json, "one JSON object per row and line");
	app.add_flag("--markdown", options.markdown, "as a table in Markdown");
	app.add_option("--render", options.render,
		       "search for nothing; sort and show the rows of --json in this file")
		->type_name("FILE");
	options.reports.add_option(app);
	if (const auto status = line.parse(arguments, console))
		return *status;
	if (!options.render.empty()) {
		if (app.get_option("--report")->count())
			throw Failure(
				"--report is of a search, and --render does none: give one of "
				"them");
		return render(options, console);
	}
	options.bugs = split(bugs);
	options.schemes = split(schemes);
	options.strategies = split(strategies);
	for (const std::string &bug : options.bugs)
		check_bug(bug);
	for (const std::string &scheme : options.schemes)
		check_scheme(scheme);
	std::vector<std::string_view> known;
	for (unsigned i = 0; i < schedule::kStrategies; i++)
		known.push_back(schedule::name(static_cast<Strategy>(i)));
	for (const std::string &strategy : options.strategies)
		choose("--strategies", strategy, known);
	if (!shard.empty())
		read_shard(shard, options);
	if (options.properties)
		return matrix_of_properties({ .bugs = options.bugs,
					      .schemes = options.schemes,
					      .no_schemes = options.no_schemes,
					      .cases = options.cases,
					      .shard = options.shard,
					      .shards = options.shards,
					      .json = options.json,
					      .markdown = options.markdown },
					    console);
	if (options.seconds == 0 && options.runs == 0)
		throw Failure(
			"a sound scheme would be searched for ever: give --seconds or --runs");
	options.reports.open(console);
	return make(options, console);
}

} // namespace lazymm::command
