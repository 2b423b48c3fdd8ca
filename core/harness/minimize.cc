// SPDX-License-Identifier: MIT
// Accepts the first candidate of Shrinks that shows the same finding, and begins again with that
// one, until there is none. Each is smaller by size(), so this ends.
//
// Two things keep it fast:
//  - operations, CPUs and tasks go first, decisions and operands when none of those can; then the
//    former, of which there are most, are tried once more
//  - after each cut, decisions that did not apply any more go at once
// Two keep it from ending too early:
//  - decisions say where to go in *these* operations. When one is cut, the bug may need others: so
//    where a replay fails, a few runs of the portfolio look for them
//  - whether one or two decisions do is found out by trying them all; whether fewer than now do,
//    by a strategy that takes few
#include "core/harness/minimize.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/harness/few_decisions.h"
#include "core/harness/replays.h"
#include "core/schedule/shrinks.h"
#include "core/schedule/size.h"

namespace lazymm
{

namespace
{

using schedule::Decision;
using schedule::DecisionKind;
using schedule::Op;
using schedule::Shrinks;
using schedule::Size;

constexpr std::uint32_t kSeeds = 40;
constexpr std::uint32_t kStalls = 20'000;

void drop_decisions(Schedule &schedule)
{
	for (std::vector<Op> &script : schedule.cpus)
		for (Op &op : script)
			op.decisions.clear();
	schedule.search.reset();
}

/// What matters more than how many decisions there are.
auto structure(const Size &size)
{
	return std::tuple(size.ops, size.cpus, size.tasks);
}

class Minimizer
{
public:
	explicit Minimizer(Replays &replays) : replays_(replays) {}

	/// False if `schedule` does not show the finding.
	bool begin(const Schedule &schedule);
	void minimize();
	Minimized result() const;

private:
	/// What a pass tries.
	enum class Cuts {
		structure, ///< what makes operations, CPUs or tasks fewer, by replay
		details,   ///< the rest
		search,	   ///< structure, looking for other decisions
	};

	bool pass(Cuts cuts);
	bool shows_under_some_seed(Schedule &candidate);
	bool fewer_decisions();
	bool fewer_stalls();
	bool plainer_memory();
	std::vector<unsigned> lengths();
	void accept(const Schedule &candidate);

	Replays &replays_;
	Schedule best_;
	Finding said_; ///< by best_
};

/// `candidate` has just been run.
void Minimizer::accept(const Schedule &candidate)
{
	best_ = candidate;
	said_ = *replays_.result().finding;
	Schedule pruned = made_explicit(candidate, replays_.result());
	if (schedule::size(pruned) < schedule::size(candidate) && replays_.shows(pruned))
		best_ = std::move(pruned);
}

bool Minimizer::begin(const Schedule &schedule)
{
	if (!replays_.shows_whatever_it_costs(schedule))
		return false;
	if (!schedule.search) {
		accept(schedule);
		return true;
	}
	const Schedule explicit_one = made_explicit(schedule, replays_.result());
	if (!replays_.shows_whatever_it_costs(explicit_one))
		return false;
	accept(explicit_one);
	return true;
}

/// Makes `candidate` what was found, explicit.
bool Minimizer::shows_under_some_seed(Schedule &candidate)
{
	drop_decisions(candidate);
	if (replays_.shows(candidate))
		return true;
	for (std::uint32_t seed = 0; seed < kSeeds && !replays_.spent(); seed++) {
		candidate.search = { schedule::Strategy::portfolio, seed };
		if (!replays_.shows(candidate))
			continue;
		Schedule explicit_one = made_explicit(candidate, replays_.result());
		if (!replays_.shows(explicit_one))
			continue;
		candidate = std::move(explicit_one);
		return true;
	}
	return false;
}

/// True if a candidate was accepted.
bool Minimizer::pass(Cuts cuts)
{
	const auto now = structure(schedule::size(best_));
	Shrinks shrinks(best_);
	Schedule candidate;
	while (!replays_.spent() && shrinks.next(candidate)) {
		const bool structural = structure(schedule::size(candidate)) < now;
		if (structural != (cuts != Cuts::details))
			continue;
		if (cuts == Cuts::search ? shows_under_some_seed(candidate)
					 : replays_.shows(candidate)) {
			accept(candidate);
			return true;
		}
	}
	return false;
}

/// How many accesses each operation of best_ may have: where an interrupt can be taken when nothing
/// else is decided, and where best_ decides something.
std::vector<unsigned> Minimizer::lengths()
{
	constexpr unsigned kGap = 8; // waits and picks can not be interrupted
	constexpr unsigned kLongest = 400;
	std::vector<unsigned> lengths;
	Schedule probe = best_;
	drop_decisions(probe);
	for (std::size_t cpu = 0; cpu < probe.cpus.size(); cpu++) {
		for (std::size_t op = 0; op < probe.cpus[cpu].size(); op++) {
			unsigned length = 0;
			for (const Decision &d : best_.cpus[cpu][op].decisions)
				length = std::max<unsigned>(length, d.at + kGap);
			auto &decisions = probe.cpus[cpu][op].decisions;
			for (unsigned at = 1; at <= length + kGap && at <= kLongest; at++) {
				decisions = { { static_cast<std::uint16_t>(at), DecisionKind::irq,
						0 } };
				replays_.shows(probe);
				if (replays_.spent())
					return lengths;
				if (!replays_.result().taken.empty())
					length = std::max(length, at);
			}
			decisions.clear();
			lengths.push_back(std::min(length, kLongest));
		}
	}
	return lengths;
}

/// True if the same operations with fewer decisions, but one or two, were accepted.
bool Minimizer::fewer_decisions()
{
	const unsigned now = schedule::size(best_).decisions;
	if (now < 2)
		return false;
	const std::vector<unsigned> may_have = lengths();
	if (replays_.spent())
		return false;
	FewDecisions few(best_, may_have, std::min(now - 1, 2u));
	Schedule candidate;
	while (!replays_.spent() && few.next(candidate)) {
		if (replays_.shows(candidate)) {
			accept(candidate);
			return true;
		}
	}
	return false;
}

/// True if the same operations with fewer decisions were accepted, such as a strategy makes that
/// takes few: cuts do not lead from five changes of CPU to and fro to one that lasts.
bool Minimizer::fewer_stalls()
{
	const unsigned now = schedule::size(best_).decisions;
	if (now < 3)
		return false;
	Schedule candidate = best_;
	drop_decisions(candidate);
	for (std::uint32_t seed = 0; seed < kStalls && !replays_.spent(); seed++) {
		candidate.search = { schedule::Strategy::stall, seed };
		if (!replays_.shows(candidate))
			continue;
		const Schedule explicit_one = made_explicit(candidate, replays_.result());
		if (schedule::size(explicit_one).decisions < now && replays_.shows(explicit_one)) {
			accept(explicit_one);
			return true;
		}
	}
	return false;
}

/// True if it shows on a memory model that reorders less, too: there what the other one allows is
/// no excuse.
bool Minimizer::plainer_memory()
{
	for (auto memory : { schedule::Memory::sc, schedule::Memory::tso }) {
		if (memory >= best_.memory || replays_.spent())
			return false;
		Schedule candidate = best_;
		candidate.memory = memory;
		if (replays_.shows(candidate) || shows_under_some_seed(candidate)) {
			accept(candidate);
			return true;
		}
	}
	return false;
}

void Minimizer::minimize()
{
	for (;;) {
		while (pass(Cuts::structure))
			continue;
		bool fewer_details = false;
		while (pass(Cuts::details))
			fewer_details = true;
		if (!fewer_details && !pass(Cuts::search) && !fewer_decisions() &&
		    !fewer_stalls() && !plainer_memory())
			return;
	}
}

Minimized Minimizer::result() const
{
	Minimized out;
	out.schedule = best_;
	out.finding = said_;
	out.replays = replays_.count();
	out.seconds = replays_.seconds();
	out.minimal = !replays_.spent();
	return out;
}

} // namespace

std::optional<Minimized> minimize(const RunFunction &run, const Schedule &schedule,
				  const Finding &finding, const MinimizeBudget &budget,
				  const std::function<bool()> &interrupted)
{
	Replays replays(run, finding, budget, interrupted);
	Minimizer minimizer(replays);
	if (!minimizer.begin(schedule))
		return {};
	minimizer.minimize();
	Minimized out = minimizer.result();
	out.from_ops = schedule::size(schedule).ops;
	return out;
}

std::optional<Minimized> minimize(Runner &runner, const Schedule &schedule, const Finding &finding,
				  const RunOptions &options, const MinimizeBudget &budget,
				  const std::function<bool()> &interrupted)
{
	if (runner.prepare(schedule))
		return {};
	RunOptions quiet = options;
	quiet.record = false;
	return minimize([&](const Schedule &s) -> const Result & { return runner.run(s, quiet); },
			schedule, finding, budget, interrupted);
}

} // namespace lazymm
