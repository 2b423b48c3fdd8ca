// SPDX-License-Identifier: MIT
// What a free run showed, looked for among stepped runs of the same operations: those replay.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/harness/run.h"

namespace lazymm
{

struct RetryOptions {
	std::uint64_t runs = 100'000;
	std::vector<std::string> oracles; ///< that may speak; empty = all
	std::uint64_t seed = 1;
	std::function<bool()> interrupted;
};

struct Retried {
	std::uint64_t runs = 0;
	/// The schedule with its decisions, which shows the finding again, if there is one.
	std::optional<Schedule> schedule;
	std::optional<Finding> finding;
};

/// Runs the operations of `schedule` under random decisions, on sc and tso in turn, until
/// `wanted`'s oracle says the same kind of thing (any kind if wanted.kind is empty). Half of the
/// runs later whatever else was found will do. `runner` is prepared for the schedule.
Retried retry_stepped(Runner &runner, const Schedule &schedule, const Finding &wanted,
		      const RetryOptions &options);

} // namespace lazymm
