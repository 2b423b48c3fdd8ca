// SPDX-License-Identifier: MIT
// lazymm barriers: of every ordered operation that a scheme reaches, is it needed? Weakens one
// after the other, and searches for a schedule that then breaks a promise.
#include "core/harness/minimize.h"
#include "core/harness/scenarios.h"
#include "core/harness/search.h"
#include "core/machine/site.h"
#include "core/schedule/names.h"
#include "core/schedule/rng.h"
#include "core/schedule/size.h"
#include "core/schedule/token.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/pairing.h"
#include "fuzz/lazymm/progress.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/lazymm/witness.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

using report::Json;
using schedule::Memory;

struct Options {
	std::string scheme;
	std::vector<std::string> sites;
	std::uint64_t runs = 600'000, seed = 1;
	bool json = false;
};

/// By values, and not by membarrier-fence, whose clocks judge on sc what only a weaker machine
/// shows.
std::vector<std::string> judges()
{
	std::vector<std::string> names;
	for (const auto &oracle : oracles::make_all())
		if (std::string_view(oracle->name()) != "membarrier-fence")
			names.emplace_back(oracle->name());
	return names;
}

class Weakening
{
public:
	Weakening(const Options &options, Console &console)
		: options_(options), console_(console), oracles_(judges())
	{
		base_.scheme = options.scheme;
		base_.cpus.resize(3);
		prepare(runner_, base_, "");
	}

	std::set<std::string> reached();
	/// False if it was interrupted.
	bool row(const std::string &site);

private:
	std::optional<Minimized> look(const std::string &site, Memory memory, std::uint64_t &runs);
	void print(const std::string &site, const std::optional<Minimized> &found,
		   std::uint64_t runs);

	const Options &options_;
	Console &console_;
	std::vector<std::string> oracles_;
	Runner runner_;
	schedule::Schedule base_;
};

/// What the scenarios of membarrier and a few hundred random schedules pass.
std::set<std::string> Weakening::reached()
{
	std::vector<schedule::Schedule> all = membarrier_scenarios();
	schedule::Rng rng(options_.seed);
	for (unsigned i = 0; i < 500; i++)
		all.push_back(schedule::random_schedule(
			rng, i % 2 ? schedule::default_alphabet() : schedule::membarrier_alphabet(),
			2 + i % 2, 40));
	std::set<std::string> names;
	for (schedule::Schedule &schedule : all) {
		schedule.scheme = base_.scheme;
		schedule.search = { schedule::Strategy::portfolio,
				    static_cast<std::uint32_t>(rng.next()) };
		const Result &result =
			runner_.run(schedule, { .record = true, .oracles = oracles_ });
		for (const machine::Event &event : result.trace->events)
			if (event.site)
				names.insert(event.site);
	}
	return names;
}

/// Three quarters of the runs with probes between threads, the rest with what is usual.
std::optional<Minimized> Weakening::look(const std::string &site, Memory memory,
					 std::uint64_t &runs)
{
	for (const bool probes : { true, false }) {
		SearchOptions search;
		search.base = base_;
		search.base.memory = memory;
		search.base.weaken = { site };
		search.run.oracles = oracles_;
		search.seed = options_.seed;
		search.runs = probes ? options_.runs * 3 / 4 : options_.runs / 4;
		search.interrupted = [] { return Interrupt::raised() != 0; };
		if (probes) {
			search.alphabet = schedule::probe_alphabet();
			search.scenarios = membarrier_scenarios();
		}
		prepare(runner_, search.base, "");
		const SearchResult found = lazymm::search(runner_, search);
		runs += found.runs;
		if (!found.finding)
			continue;
		return minimize(runner_, *found.schedule, *found.finding, search.run,
				{ .seconds = 10 }, search.interrupted);
	}
	return std::nullopt;
}

void Weakening::print(const std::string &site, const std::optional<Minimized> &found,
		      std::uint64_t runs)
{
	const Pairing pairing = pairing_of(site);
	if (options_.json) {
		Json row{ { "site", site },
			  { "pairs_with", pairing.with },
			  { "needed", found.has_value() },
			  { "runs", runs } };
		if (found) {
			row["memory"] = schedule::name(found->schedule.memory);
			row["oracle"] = found->finding.oracle;
			row["kind"] = found->finding.kind;
			row["operations"] = schedule::size(found->schedule).ops;
			row["token"] = schedule::to_token(found->schedule);
		} else {
			row["expected"] = pairing.unneeded;
		}
		console_.print(row.dump() + '\n');
	} else {
		std::string text = site + '\n';
		if (*pairing.with)
			text += fmt::format("    pairs with {}\n", pairing.with);
		if (found)
			text += fmt::format(
				"    needed on {}: {}/{}, {} operations, after {} runs\n"
				"    lazymm replay {}\n",
				schedule::name(found->schedule.memory), found->finding.oracle,
				found->finding.kind, schedule::size(found->schedule).ops, runs,
				schedule::to_token(found->schedule));
		else
			text += fmt::format("    no counterexample in {} runs{}{}\n", runs,
					    *pairing.unneeded ? ", as expected: " : "",
					    pairing.unneeded);
		console_.print(text);
	}
	console_.flush();
}

bool Weakening::row(const std::string &site)
{
	std::uint64_t runs = 0;
	// What weak does not show no other model shows.
	std::optional<Minimized> found = look(site, Memory::weak, runs);
	for (const Memory memory : { Memory::sc, Memory::tso }) {
		if (!found || found->schedule.memory <= memory || Interrupt::raised())
			break;
		if (auto plainer = look(site, memory, runs))
			found = std::move(plainer);
	}
	if (Interrupt::raised())
		return false;
	print(site, found, runs);
	return true;
}

int weaken_all(const Options &options, Console &console)
{
	check_scheme(options.scheme);
	for (const std::string &site : options.sites)
		check_site(site);
	Weakening weakening(options, console);
	std::set<std::string> sites(options.sites.begin(), options.sites.end());
	if (sites.empty())
		sites = weakening.reached();
	const Interrupt interrupt;
	std::size_t done = 0;
	Progress progress(console);
	for (const std::string &site : sites) {
		progress.tick([&](double seconds) {
			return fmt::format("{} of {} sites, {:.0f} s", done, sites.size(), seconds);
		});
		if (!weakening.row(site))
			return 128 + Interrupt::raised();
		done++;
	}
	if (!options.json)
		console.print(
			fmt::format("lazymm: {} sites that {} reaches\n", done, options.scheme));
	return kClean;
}

} // namespace

int barriers(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"barriers",
		"Weakens every ordered operation that a scheme reaches, one after the other, "
		"and searches:\nneeded (with a schedule, and the weakest memory model that "
		"shows it), or no counterexample\nin so many runs.",
		"lazymm barriers --scheme refcount");
	Options options;
	CLI::App &app = line.app();
	app.add_option("--scheme", options.scheme, "the scheme")->required()->type_name("NAME");
	app.add_option("--site", options.sites, "only this one (may be repeated)")
		->allow_extra_args(false)
		->type_name("SITE");
	app.add_option("--runs", options.runs, "per site and memory model (600000)")
		->check(is_number(4, ~0ull));
	app.add_option("--seed", options.seed, "of the search (1)")->check(is_number(0, ~0ull));
	app.add_flag("--json", options.json, "one JSON object per site and line");
	if (const auto status = line.parse(arguments, console))
		return *status;
	return weaken_all(options, console);
}

} // namespace lazymm::command
