// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/run_options.h"

#include "core/harness/scenarios.h"

#include "core/schedule/limits.h"
#include "core/schedule/names.h"
#include "core/schedule/op_groups.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/corpus.h"
#include "fuzz/lazymm/failure.h"

#include <fmt/format.h>

namespace lazymm::command
{

using schedule::OpKind;

namespace
{

/// Without limits on anything: long enough for the bugs that are known.
constexpr double kSeconds = 60;

/// What was said, before it is looked up.
struct Words {
	std::string scheme, bug, strategy = "portfolio", memory, hotplug = "scheme",
				 arch = "scheme";
	std::string mm = "pool", engine = "fibers", corpus;
	std::vector<std::string> oracles, ops, weaken;
	unsigned cpus = 0;
	double seconds = kSeconds;
	bool no_minimize = false;
};

void add_what(CLI::App &app, Words &words)
{
	app.add_option("--scheme", words.scheme, "the scheme to search in")->type_name("NAME");
	app.add_option("--bug", words.bug, "a planted bug, in the scheme it is made for")
		->type_name("ID");
	app.add_option("--weaken", words.weaken, "weaken this site (may be repeated)")
		->allow_extra_args(false)
		->type_name("SITE");
	app.add_option("--oracles", words.oracles, "only these may speak: a,b")
		->allow_extra_args(false)
		->type_name("NAMES");
	app.add_option("--ops", words.ops,
		       "only these operations: switch,fork,...; or hotplug, membarrier, sync-core, "
		       "probes, mm-cid, tables, all")
		->allow_extra_args(false)
		->type_name("NAMES");
	app.add_option("--hotplug", words.hotplug, "hot-unplug protocol: h1, h3 (the scheme's own)")
		->type_name("PROTOCOL");
	app.add_option(
		   "--arch", words.arch,
		   "architecture: generic, x86, deferred, broadcast, powerpc (the scheme's own)")
		->type_name("NAME");
	app.add_option("--mm", words.mm, "where mms live: pool or heap")->type_name("WHERE");
	app.add_option("--cpus", words.cpus, "exactly so many CPUs, 1 to 4 (2 and 3)")
		->check(is_number(1, schedule::kMaxCpus))
		->type_name("N");
}

void add_how(CLI::App &app, Words &words, CommandOptions &options)
{
	app.add_option("--seconds", words.seconds, "budget (60, or none with --runs); 0: no limit")
		->check(is_seconds());
	app.add_option("--runs", options.search.runs, "budget; 0: no limit")
		->check(is_number(0, ~0ull));
	app.add_option("--seed", options.search.seed, "of the search (1)")
		->check(is_number(0, ~0ull));
	app.add_option("--engine", words.engine, "fibers or threads")->type_name("NAME");
	app.add_option("--corpus", words.corpus, "start from the schedules in this directory")
		->type_name("DIR");
	app.add_option("--out", options.output, "write the witness to a new file in this directory")
		->type_name("DIR");
	app.add_flag("--no-minimize", words.no_minimize, "show the finding as it was found");
	app.add_flag("--json", options.json, "as JSON");
	options.reports.add_option(app);
}

void add_stepped(CLI::App &app, Words &words)
{
	app.add_option("--memory", words.memory,
		       "memory model: sc, tso or weak (sc, or what the planted bug needs)")
		->type_name("MODEL");
	app.add_option("--strategy", words.strategy, "random, pct, pos, surw, portfolio or stall")
		->type_name("NAME");
}

void choose_scheme(schedule::Schedule &base, const Words &words)
{
	if (words.scheme.empty() && words.bug.empty())
		throw Failure(
			"say what to search: --scheme NAME or --bug ID; 'lazymm list' has them "
			"all");
	if (!words.scheme.empty())
		check_scheme(words.scheme);
	base.scheme = words.scheme;
	if (words.bug.empty())
		return;
	check_bug(words.bug);
	base.bug = words.bug;
	const char *its_scheme = schemes::find_bug(words.bug)->scheme;
	if (!words.scheme.empty() && words.scheme != its_scheme)
		throw Failure(
			fmt::format("--bug {} is planted in scheme {}, not in {}; leave --scheme "
				    "out",
				    words.bug, its_scheme, words.scheme));
	base.scheme = its_scheme;
}

} // namespace

void choose_operations(SearchOptions &search, const std::vector<std::string> &lists)
{
	const char *usual = schemes::usual_operations(search.base.scheme, search.base.bug);
	search.alphabet =
		alphabet_of(lists.empty() && usual ? std::vector<std::string>{ usual } : lists);
	const auto begin_with = [&](OpKind kind, const std::vector<schedule::Schedule> &scenarios) {
		if (search.alphabet[kind])
			search.scenarios.insert(search.scenarios.end(), scenarios.begin(),
						scenarios.end());
	};
	begin_with(OpKind::membarrier, membarrier_scenarios());
	begin_with(OpKind::cid_work, mm_cid_scenarios());
	begin_with(OpKind::alloc_table, table_scenarios());
}

namespace
{

void look_up(CommandOptions &options, const Words &words, Console &console)
{
	SearchOptions &search = options.search;
	schedule::Schedule &base = search.base;
	choose_scheme(base, words);
	for (const std::string &site : words.weaken)
		check_site(site);
	base.weaken = words.weaken;
	const schemes::BugInfo *bug = schemes::find_bug(base.bug);
	base.memory = memory_of(!words.memory.empty() ? words.memory : bug ? bug->memory : "sc");
	base.hotplug = hotplug_of(words.hotplug);
	base.arch = arch_of(words.arch);
	base.mm = mm_of(words.mm);
	base.cpus.resize(words.cpus ? words.cpus : 3);
	search.vary_cpus = words.cpus == 0;
	constexpr std::string_view strategies[] = { "random", "pct",	   "pos",
						    "surw",   "portfolio", "stall" };
	search.strategy =
		static_cast<schedule::Strategy>(choose("--strategy", words.strategy, strategies));
	choose_operations(search, words.ops);
	search.run.oracles = oracle_names(words.oracles);
	search.seconds = words.seconds;
	options.engine = engine_of(words.engine);
	options.minimize = !words.no_minimize;
	if (!words.corpus.empty())
		search.corpus = load_corpus(words.corpus, base, console);
}

std::optional<int> parse(CommandLine &line, CommandOptions &options, Words &words,
			 const Arguments &arguments, Console &console)
{
	options.search.alphabet = schedule::default_alphabet();
	add_what(line.app(), words);
	add_how(line.app(), words, options);
	if (const auto status = line.parse(arguments, console))
		return status;
	const CLI::App &app = line.app();
	if (app.get_option("--runs")->count() && !app.get_option("--seconds")->count())
		words.seconds = 0;
	look_up(options, words, console);
	return std::nullopt;
}

} // namespace

std::optional<int> parse_run_options(CommandOptions &options, const Arguments &arguments,
				     Console &console)
{
	CommandLine line(
		"run",
		"Searches for a schedule that breaks a promise, and shows it as short as it "
		"can be.\nExit status: 0 nothing found, 1 a violation; 130 or 143 if "
		"interrupted before either.",
		"lazymm run --scheme lazymm-2021 --ops hotplug --seconds 60");
	Words words;
	add_stepped(line.app(), words);
	return parse(line, options, words, arguments, console);
}

std::optional<int> parse_stress_options(CommandOptions &options, const Arguments &arguments,
					Console &console)
{
	CommandLine line(
		"stress",
		"Runs random schedules truly in parallel, an OS thread per CPU; best in a build "
		"with TSan or\nASan. What breaks is looked for among stepped runs of the same "
		"operations, which replay.\nExit status: 0 nothing found, 1 a violation, 125 if "
		"a run hung and nobody knows why;\n130 or 143 if interrupted before.",
		"lazymm stress --bug rc-missing-grab-u2k --seconds 60");
	Words words;
	options.retries = LAZYMM_ASAN || LAZYMM_TSAN ? 20'000 : 200'000;
	line.app()
		.add_option("--retries", options.retries, "stepped runs per finding")
		->check(is_number(1, ~0ull))
		->type_name("N");
	return parse(line, options, words, arguments, console);
}

schedule::Alphabet alphabet_of(const std::vector<std::string> &lists)
{
	const std::vector<std::string> words = split(lists);
	if (words.empty() && lists.empty())
		return schedule::default_alphabet();
	schedule::Alphabet alphabet{};
	std::vector<std::string_view> names(schedule::op_names().begin(),
					    schedule::op_names().end());
	for (const std::string_view group : schedule::group_names()) {
		if (!schedule::find_op(group))
			names.push_back(group);
	}
	for (const std::string &word : words)
		schedule::add_operations(alphabet, names[choose("--ops", word, names)]);
	if (words.empty())
		throw Failure(
			"--ops: expected names of operations; 'lazymm list operations' has them "
			"all");
	return alphabet;
}

} // namespace lazymm::command
