// SPDX-License-Identifier: MIT
// The minimiser: from a schedule that shows a finding to one from which no operation, CPU, task or
// decision can be removed and that shows the same finding (same oracle, same kind).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "core/harness/run.h"

namespace lazymm
{

struct MinimizeBudget {
	double seconds = 30;
	std::uint64_t replays = 2'000'000;
};

struct Minimized {
	Schedule schedule; ///< explicit decisions, no strategy
	Finding finding;
	std::uint64_t replays = 0;
	double seconds = 0;
	bool minimal = false; ///< false: the budget ran out first
	unsigned from_ops = 0;
};

/// Runs a schedule; the result is looked at before the next call.
using RunFunction = std::function<const Result &(const Schedule &)>;

/// `schedule` must show `finding` on `runner`; if it names a strategy, what that decided is made
/// explicit first. Returns nothing if it does not: a flaky replay, which is a bug of the harness
/// and to be said as such. The result is a function of the arguments but for the clock and
/// `interrupted`, which only end it early. Both are looked at before each replay.
std::optional<Minimized> minimize(Runner &runner, const Schedule &schedule, const Finding &finding,
				  const RunOptions &options, const MinimizeBudget &budget,
				  const std::function<bool()> &interrupted = {});

/// The same with whatever runs schedules.
std::optional<Minimized> minimize(const RunFunction &run, const Schedule &schedule,
				  const Finding &finding, const MinimizeBudget &budget,
				  const std::function<bool()> &interrupted = {});

} // namespace lazymm
