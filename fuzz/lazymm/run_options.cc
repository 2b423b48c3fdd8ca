// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/run_options.h"

#include "core/harness/scenarios.h"

#include "core/schedule/limits.h"
#include "core/schedule/names.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/corpus.h"
#include "fuzz/lazymm/failure.h"

#include <fmt/format.h>

namespace lazymm::command
{

using schedule::OpKind;

namespace
{

constexpr const char *kHotplug = "hotplug";
constexpr const char *kMembarrier = "membarrier"; // the operation alone makes no sense
constexpr const char *kSyncCore = "sync-core";
constexpr const char *kProbes = "probes";
constexpr const char *kMmCid = "mm-cid";
constexpr const char *kTables = "tables";
constexpr const char *kAll = "all";
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

void add_hotplug(schedule::Alphabet &alphabet)
{
	const schedule::Alphabet &usual = schedule::default_alphabet();
	for (const OpKind basic : { OpKind::switch_to, OpKind::fork, OpKind::exit })
		alphabet[basic] = usual[basic];
	alphabet[OpKind::offline] = alphabet[OpKind::online] = 4;
}

void add(schedule::Alphabet &alphabet, const schedule::Alphabet &group)
{
	for (unsigned kind = 0; kind < schedule::kOpKinds; kind++)
		alphabet.weight[kind] = std::max(alphabet.weight[kind], group.weight[kind]);
}

/// What of membarrier is about code.
void add_sync_core(schedule::Alphabet &alphabet)
{
	for (const OpKind kind : { OpKind::switch_to, OpKind::thread, OpKind::membarrier,
				   OpKind::register_mm, OpKind::patch, OpKind::run_code })
		alphabet[kind] = schedule::membarrier_alphabet()[kind];
}

void add_mm_cid(schedule::Alphabet &alphabet)
{
	const schedule::Alphabet &usual = schedule::default_alphabet();
	for (const OpKind basic : { OpKind::switch_to, OpKind::fork, OpKind::exec, OpKind::exit })
		alphabet[basic] = usual[basic];
	alphabet[OpKind::thread] = alphabet[OpKind::cid_work] = 4;
}

void add_all(schedule::Alphabet &alphabet)
{
	add(alphabet, schedule::default_alphabet());
	add(alphabet, schedule::membarrier_alphabet());
	add(alphabet, schedule::table_alphabet());
	add_hotplug(alphabet);
	add_mm_cid(alphabet);
}

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
	app.add_option("--memory", words.memory,
		       "memory model: sc, tso or weak (sc, or what the planted bug needs)")
		->type_name("MODEL");
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
	app.add_option("--strategy", words.strategy, "random, pct, pos, surw, portfolio or stall")
		->type_name("NAME");
	app.add_option("--seed", options.search.seed, "of the search (1)")
		->check(is_number(0, ~0ull));
	app.add_option("--engine", words.engine, "fibers or threads")->type_name("NAME");
	app.add_option("--corpus", words.corpus, "start from the schedules in this directory")
		->type_name("DIR");
	app.add_option("--out", options.output, "write the witness to a new file in this directory")
		->type_name("DIR");
	app.add_flag("--no-minimize", words.no_minimize, "show the finding as it was found");
	app.add_flag("--json", options.json, "as JSON");
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
	const schemes::BugInfo *bug = schemes::find_bug(search.base.bug);
	const schemes::SchemeInfo *scheme = schemes::find_scheme(search.base.scheme);
	const char *usual = bug && bug->ops ? bug->ops : scheme ? scheme->ops : nullptr;
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

schedule::Alphabet alphabet_of(const std::vector<std::string> &lists)
{
	const schedule::Alphabet &usual = schedule::default_alphabet();
	const std::vector<std::string> words = split(lists);
	if (words.empty() && lists.empty())
		return usual;
	schedule::Alphabet alphabet{};
	std::vector<std::string_view> names(schedule::op_names().begin(),
					    schedule::op_names().end());
	names.push_back(kHotplug);
	names.push_back(kSyncCore);
	names.push_back(kProbes);
	names.push_back(kMmCid);
	names.push_back(kTables);
	names.push_back(kAll);
	for (const std::string &word : words) {
		const std::size_t kind = choose("--ops", word, names);
		if (kind < schedule::kOpKinds && word != kMembarrier) {
			alphabet.weight[kind] = std::max<std::uint16_t>(usual.weight[kind], 1);
			continue;
		}
		if (word == kHotplug)
			add_hotplug(alphabet);
		else if (word == kSyncCore)
			add_sync_core(alphabet);
		else if (word == kProbes)
			add(alphabet, schedule::probe_alphabet());
		else if (word == kMmCid)
			add_mm_cid(alphabet);
		else if (word == kTables)
			add(alphabet, schedule::table_alphabet());
		else if (word == kAll)
			add_all(alphabet);
		else
			add(alphabet, schedule::membarrier_alphabet());
	}
	if (words.empty())
		throw Failure(
			"--ops: expected names of operations; 'lazymm list operations' has them "
			"all");
	return alphabet;
}

} // namespace lazymm::command
