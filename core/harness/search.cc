// SPDX-License-Identifier: MIT
// An operation list is run under several seeds; one that goes on showing new things under more of
// them. Half of the lists are new, half are made of lists that showed something new.
#include "core/harness/search.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "core/schedule/lives.h"
#include "core/schedule/size.h"
#include "core/schedule/text.h"

namespace lazymm
{

namespace
{

using schedule::Rng;

// Measured over 24 planted bugs: with up to 40 operations and these it takes a quarter of the runs
// that 14 operations, 8 and 32 take. Another list of operations is worth more than another
// interleaving of the same one, and a long one holds many short ones.
constexpr unsigned kFewSeeds = 3;
constexpr unsigned kManySeeds = 16;
// Runs before the first lives: what is shallow shows in any operations.
constexpr std::uint64_t kLivesAfter = 4096;
constexpr std::size_t kMaxCorpus = 1024;

class Searcher
{
public:
	Searcher(Runner &runner, const SearchOptions &options)
		: runner_(runner), options_(options), rng_(options.seed)
	{
	}

	SearchResult search();

private:
	bool over();
	bool try_seeds(Schedule &schedule);
	bool run(const Schedule &schedule, bool &news);
	void found(const Schedule &schedule);
	schedule::Alphabet some_of_the_alphabet();
	void make(Schedule &out);
	void trim(Schedule &schedule);
	void dress(Schedule &schedule) const;
	void keep(const Schedule &schedule, const Result &result);
	unsigned max_ops() const;

	using Clock = std::chrono::steady_clock;

	Runner &runner_;
	const SearchOptions &options_;
	Rng rng_;
	/// Processes may come and go, and nobody has other things to begin with.
	const bool lives_ = options_.scenarios.empty() &&
			    options_.alphabet[schedule::OpKind::fork] &&
			    options_.alphabet[schedule::OpKind::exit];
	const Clock::time_point began_ = Clock::now();
	double next_progress_ = 0.1;
	SearchResult result_;
	std::vector<Schedule> corpus_;
	const Result *last_ = nullptr; ///< of the last run
	std::uint64_t seen_[std::extent_v<decltype(Result::features)>] = {};
};

/// Looked at before each run; two clock reads are 1 % of a run.
bool Searcher::over()
{
	result_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
	if (options_.progress && result_.seconds >= next_progress_) {
		next_progress_ = result_.seconds + 0.1;
		options_.progress(result_.runs);
	}
	return (options_.seconds > 0 && result_.seconds >= options_.seconds) ||
	       (options_.runs > 0 && result_.runs >= options_.runs) ||
	       (options_.interrupted && options_.interrupted());
}

/// Everything that a random schedule has not.
void Searcher::dress(Schedule &schedule) const
{
	schedule.scheme = options_.base.scheme;
	schedule.bug = options_.base.bug;
	schedule.weaken = options_.base.weaken;
	schedule.memory = options_.base.memory;
	schedule.hotplug = options_.base.hotplug;
	schedule.arch = options_.base.arch;
	schedule.mm = options_.base.mm;
}

/// Longer schedules with every doubling of the runs: what is still hidden takes more.
unsigned Searcher::max_ops() const
{
	const auto doublings = static_cast<unsigned>(std::bit_width(result_.runs >> 17));
	return options_.max_ops + std::min(doublings, 8u) * options_.max_ops / 16;
}

/// Swarm testing: Groce, Zhang, Eide, Chen, Regehr (ISSTA 2012). A bug that takes ten switches,
/// forks and exits in the right order is hidden by whatever else a schedule may do; so most use
/// some kinds of operations only. Switches are always among them: without, nothing is lazy.
schedule::Alphabet Searcher::some_of_the_alphabet()
{
	schedule::Alphabet alphabet = options_.alphabet;
	if (rng_.one_in(4))
		return alphabet;
	const std::uint64_t keep = rng_.next();
	for (unsigned kind = 0; kind < schedule::kOpKinds; kind++)
		if (static_cast<schedule::OpKind>(kind) != schedule::OpKind::switch_to &&
		    !(keep >> kind & 1))
			alphabet.weight[kind] = 0;
	return alphabet;
}

void Searcher::make(Schedule &out)
{
	const auto any = [&]() -> const Schedule & {
		return corpus_[rng_.below(static_cast<std::uint32_t>(corpus_.size()))];
	};
	const schedule::Alphabet alphabet = some_of_the_alphabet();
	if (!options_.scenarios.empty() && rng_.one_in(2)) {
		const auto n = static_cast<std::uint32_t>(options_.scenarios.size());
		out = options_.scenarios[rng_.below(n)];
		for (unsigned n = rng_.below(3); n > 0; n--)
			schedule::mutate(out, rng_, alphabet);
		dress(out);
		return;
	}
	if (corpus_.empty() || rng_.one_in(2)) {
		const auto most = static_cast<unsigned>(options_.base.cpus.size());
		const unsigned cpus =
			options_.vary_cpus && most > 2 ? 2 + rng_.below(most - 1) : most;
		if (lives_ && result_.runs >= kLivesAfter && rng_.one_in(4)) {
			out = schedule::random_lives(rng_, cpus);
			if (rng_.one_in(2))
				schedule::mutate(out, rng_, alphabet);
		} else {
			out = schedule::random_schedule(rng_, alphabet, cpus, max_ops());
		}
		dress(out);
		return;
	}
	out = rng_.one_in(4) ? schedule::crossover(any(), any(), rng_) : any();
	for (unsigned n = 1 + rng_.below(4); n > 0; n--)
		schedule::mutate(out, rng_, alphabet);
	trim(out);
}

/// Mutations add more than they take away.
void Searcher::trim(Schedule &schedule)
{
	std::uint32_t ops = schedule::size(schedule).ops;
	for (; ops > max_ops(); ops--) {
		std::uint32_t nth = rng_.below(ops);
		auto script = schedule.cpus.begin();
		for (; nth >= script->size(); script++)
			nth -= static_cast<std::uint32_t>(script->size());
		script->erase(script->begin() + nth);
	}
}

/// Keeps what the run that has just ended carried out: an operation that did nothing (an `exit` on
/// an idle CPU) only stands in the way of the next mutation. A `touch` may matter later.
void Searcher::keep(const Schedule &schedule, const Result &result)
{
	Schedule kept = schedule;
	unsigned index = 0;
	for (auto &script : kept.cpus) {
		std::vector<schedule::Op> busy;
		for (schedule::Op &op : script) {
			const bool did = result.busy_ops[index / 64] >> index % 64 & 1;
			if (did || op.kind == schedule::OpKind::touch)
				busy.push_back(std::move(op));
			index++;
		}
		script = std::move(busy);
	}
	result_.corpus++;
	if (corpus_.size() < kMaxCorpus)
		corpus_.push_back(std::move(kept));
	else
		corpus_[rng_.below(kMaxCorpus)] = std::move(kept);
}

/// Whether the finding is there for good; a schedule that does not say what happened is of no use.
void Searcher::found(const Schedule &schedule)
{
	const Result &first = runner_.run(schedule, options_.run);
	Finding finding = *first.finding;
	Schedule explicit_one = made_explicit(schedule, first);
	const bool unanchored = first.unanchored;
	const Result &again = runner_.run(explicit_one, options_.run);
	if (again.finding && again.finding->same_as(finding)) {
		result_.schedule = std::move(explicit_one);
		result_.finding = std::move(finding);
		return;
	}
	// Some decision had nothing to be anchored to: there are other seeds.
	if (unanchored)
		return;
	std::fprintf(
		stderr,
		"lazymm: bug in the harness: replay diverged: %s/%s with the strategy, %s with "
		"its decisions\n%s",
		finding.oracle.c_str(), finding.kind.c_str(),
		again.finding ? again.finding->kind.c_str() : "nothing",
		schedule::to_text(schedule).c_str());
	std::abort();
}

/// True if there is a finding. `news`: it showed what none before it did.
bool Searcher::run(const Schedule &schedule, bool &news)
{
	result_.runs++;
	const bool free = options_.run.mode == Mode::free;
	if (free && options_.free_begins)
		options_.free_begins(schedule);
	const Result &r = runner_.run(schedule, options_.run);
	last_ = &r;
	if (options_.each)
		options_.each(r);
	if (free && options_.free_ended && options_.free_ended(schedule, r))
		return true;
	for (std::size_t i = 0; i < std::size(seen_); i++) {
		news |= (r.features[i] & ~seen_[i]) != 0;
		seen_[i] |= r.features[i];
	}
	if (!r.finding || (free && options_.free_ended))
		return false;
	if (free) {
		result_.schedule = schedule;
		result_.finding = r.finding;
	} else {
		found(schedule);
	}
	return result_.finding.has_value();
}

/// True if there is a finding.
bool Searcher::try_seeds(Schedule &schedule)
{
	unsigned seeds = kFewSeeds;
	for (unsigned i = 0; i < seeds && !over(); i++) {
		schedule.search = { options_.strategy, static_cast<std::uint32_t>(rng_.next()) };
		bool news = false;
		if (run(schedule, news))
			return true;
		if (!news)
			continue;
		if (i < kFewSeeds)
			seeds = kManySeeds;
		keep(schedule, *last_);
	}
	return false;
}

SearchResult Searcher::search()
{
	for (const Schedule &given : options_.corpus) {
		// As it stands, which may be a witness, and then as something to start from.
		Schedule schedule = given;
		dress(schedule);
		bool news = false;
		if (over() || run(schedule, news))
			return std::move(result_);
		keep(schedule, *last_);
	}
	Schedule schedule;
	while (!over()) {
		make(schedule);
		if (try_seeds(schedule))
			break;
	}
	over(); // the time
	return std::move(result_);
}

} // namespace

SearchResult search(Runner &runner, const SearchOptions &options)
{
	return Searcher(runner, options).search();
}

} // namespace lazymm
