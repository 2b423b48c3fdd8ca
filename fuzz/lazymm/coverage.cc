// SPDX-License-Identifier: MIT
// lazymm coverage: which pairs of places that touch the same memory on two CPUs were seen in both
// orders, in the schedules of corpora and in a search; and which in one order only: what nobody
// has tried, or what the code rules out.
#include "core/harness/interleavings.h"
#include "core/harness/search.h"
#include "core/report/json.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/corpus.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/progress.h"
#include "fuzz/lazymm/run_options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;
using report::Json;

struct Options {
	std::vector<std::string> schemes, corpora;
	std::uint64_t runs = 10000, seed = 1;
	bool list = false, json = false;
};

/// Of one scheme.
struct Row {
	std::string scheme;
	std::size_t corpus = 0;
	std::uint64_t runs = 0;
	std::vector<PlacePair> pairs;

	std::size_t both() const
	{
		return static_cast<std::size_t>(
			std::count_if(pairs.begin(), pairs.end(),
				      [](const PlacePair &pair) { return pair.both; }));
	}
	std::size_t one() const { return pairs.size() - both(); }
};

/// Recorded, on sc, where the order of accesses is the order in memory; nobody judges, so that a
/// scheme that is broken is run to the end, too.
SearchOptions search_of(const std::string &scheme, const Options &options, Console &console)
{
	SearchOptions search;
	search.base.scheme = scheme;
	search.base.cpus.resize(3);
	search.seed = options.seed;
	search.run = { .record = true, .oracles = { "none" } };
	search.interrupted = [] { return Interrupt::raised() != 0; };
	choose_operations(search, {});
	for (const std::string &corpus : options.corpora) {
		const std::string directory = corpus + '/' + scheme;
		std::error_code none;
		if (!fs::is_directory(directory, none))
			continue;
		for (schedule::Schedule &schedule : load_corpus(directory, search.base, console))
			search.corpus.push_back(std::move(schedule));
	}
	search.runs = search.corpus.size() + options.runs;
	return search;
}

Row look(const std::string &scheme, const Options &options, Progress &progress, Console &console)
{
	SearchOptions search = search_of(scheme, options, console);
	Row row{ .scheme = scheme, .corpus = search.corpus.size() };
	Interleavings seen;
	search.each = [&](const Result &result) { seen.add(*result.trace); };
	search.progress = [&](std::uint64_t runs) {
		progress.tick([&](double) { return fmt::format("{}: {} runs", scheme, runs); });
	};
	Runner runner;
	prepare(runner, search.base, "");
	// No runs would be no limit.
	if (search.runs)
		row.runs = lazymm::search(runner, search).runs;
	row.pairs = seen.pairs();
	return row;
}

Json to_json(const Place &place)
{
	Json json{ { "file", place.file }, { "line", place.line }, { "access", access(place) } };
	json["site"] = place.site.empty() ? Json() : Json(place.site);
	return json;
}

Json to_json(const Row &row)
{
	Json json{ { "scheme", row.scheme },
		   { "corpus", row.corpus },
		   { "runs", row.runs },
		   { "pairs", row.pairs.size() },
		   { "both_orders", row.both() } };
	json["one_order"] = Json::array();
	for (const PlacePair &pair : row.pairs)
		if (!pair.both)
			json["one_order"].push_back({ { "location", pair.location },
						      { "first", to_json(pair.first) },
						      { "second", to_json(pair.second) } });
	return json;
}

constexpr const char *kHead = "scheme                        corpus      runs    pairs  both orders"
			      "        one order\n";

std::string to_text(const Row &row)
{
	const std::size_t all = row.pairs.size();
	const std::string share =
		all ? fmt::format("{:.1f} %",
				  100. * static_cast<double>(row.both()) / static_cast<double>(all))
		    : "-";
	return fmt::format("{:<28} {:>7} {:>9} {:>8} {:>12} {:>7} {:>8}\n", row.scheme, row.corpus,
			   row.runs, all, row.both(), share, row.one());
}

/// Under each place those that always came after it.
std::string one_order_only(const Row &row)
{
	std::string out;
	const PlacePair *last = nullptr;
	for (const PlacePair &pair : row.pairs) {
		if (pair.both)
			continue;
		if (!last || last->location != pair.location)
			out += fmt::format("  {}, in one order only:\n", pair.location);
		if (!last || last->location != pair.location || last->first != pair.first)
			out += fmt::format("    {}\n", text(pair.first));
		out += fmt::format("      always before {}\n", text(pair.second));
		last = &pair;
	}
	return out;
}

void print(const Row &row, const Options &options, Console &console)
{
	if (options.json) {
		console.print(to_json(row).dump() + '\n');
	} else {
		console.print(to_text(row));
		if (options.list)
			console.print(one_order_only(row));
	}
	console.flush();
}

void check(const Options &options)
{
	for (const std::string &scheme : options.schemes)
		check_scheme(scheme);
	for (const std::string &corpus : options.corpora) {
		std::error_code error;
		if (!fs::is_directory(corpus, error))
			throw Failure(fmt::format(
				"--corpus '{}' is not a directory; give one that has a directory "
				"per scheme, as corpus/ of the sources",
				corpus));
	}
	if (options.corpora.empty() && options.runs == 0)
		throw Failure("with neither --corpus nor --runs there is nothing to look at");
}

} // namespace

int coverage(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"coverage",
		"Interleaving coverage: of two places that touch the same memory on two CPUs, at "
		"least one\nof them writing, was each seen before the other? Runs the schedules of "
		"corpora and then a\nsearch, on sc, without a verdict. With --list (or one scheme) "
		"also what was seen in one\norder only.",
		"lazymm coverage --scheme refcount --corpus corpus");
	Options options;
	CLI::App &app = line.app();
	app.add_option("--scheme", options.schemes, "only this one (may be repeated)")
		->allow_extra_args(false)
		->type_name("NAME");
	app.add_option("--corpus", options.corpora,
		       "a directory with a directory of schedules per scheme (may be repeated)")
		->allow_extra_args(false)
		->type_name("DIR");
	app.add_option("--runs", options.runs, "of a search in each, behind the corpora (10000)")
		->check(is_number(0, ~0ull >> 1));
	app.add_option("--seed", options.seed, "of the search (1)")->check(is_number(0, ~0ull));
	app.add_flag("--list", options.list, "what was seen in one order only, of every scheme");
	app.add_flag("--json", options.json, "one JSON object per scheme and line, with that list");
	if (const auto status = line.parse(arguments, console))
		return *status;
	check(options);
	options.list |= options.schemes.size() == 1;
	if (options.schemes.empty())
		for (const schemes::SchemeInfo *info : schemes::all_schemes())
			options.schemes.emplace_back(info->name);

	const Interrupt interrupt;
	Progress progress(console);
	if (!options.json)
		console.print(kHead);
	for (const std::string &scheme : options.schemes) {
		print(look(scheme, options, progress, console), options, console);
		if (Interrupt::raised())
			return 128 + Interrupt::raised();
	}
	return kClean;
}

} // namespace lazymm::command
