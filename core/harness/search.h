// SPDX-License-Identifier: MIT
// The search loop of `lazymm run`: makes schedules, runs them, keeps those that showed something
// new.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/harness/run.h"
#include "core/schedule/edits.h"

namespace lazymm
{

struct SearchOptions {
	/// Scheme, bug, weakened sites, memory, hotplug, arch, mm, number of CPUs (cpus.size()).
	Schedule base;
	bool vary_cpus = true; ///< 2 .. base.cpus.size()
	schedule::Strategy strategy = schedule::Strategy::portfolio;
	schedule::Alphabet alphabet = schedule::default_alphabet(); ///< which operations, how often
	unsigned max_ops = 40; ///< per schedule, grown a little over time
	std::uint64_t seed = 1;
	double seconds = 0;	///< 0 = no limit
	std::uint64_t runs = 0; ///< 0 = no limit
	RunOptions run;		///< with `record` each run costs several times as much
	/// Told of every run.
	std::function<void(const Result &)> each;
	std::vector<Schedule> corpus; ///< to start from
	/// Lists of operations that some of the new ones are: their decisions are drawn.
	std::vector<Schedule> scenarios;
	std::function<bool()> interrupted;
	/// Called about ten times a second: runs so far.
	std::function<void(std::uint64_t)> progress;
	/// Free mode: is told of every schedule before it runs,
	std::function<void(const Schedule &)> free_begins;
	/// and of the run; true ends the search. Without it any finding does.
	std::function<bool(const Schedule &, const Result &)> free_ended;
};

struct SearchResult {
	std::uint64_t runs = 0;
	double seconds = 0;
	std::size_t corpus = 0; ///< schedules that showed something new
	/// The first finding: the schedule as found, made explicit.
	std::optional<Schedule> schedule;
	std::optional<Finding> finding;
};

/// Until the first finding, a limit, or `interrupted` (looked at before each run). Which schedules
/// are run is a function of the options but for the clock. The base must be one that
/// Runner::prepare() takes. In free mode (options.run.mode) a finding comes with the schedule as it
/// was: there are no decisions to write down.
SearchResult search(Runner &runner, const SearchOptions &options);

} // namespace lazymm
