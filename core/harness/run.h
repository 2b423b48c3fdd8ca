// SPDX-License-Identifier: MIT
// run(): a pure function of (Schedule, Scheme). Same input, same result, bit for bit, on every
// engine, under every sanitizer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/machine/machine.h"
#include "core/oracles/oracle.h"
#include "core/schedule/schedule.h"

namespace lazymm
{

using machine::Engine;
using machine::Mode;
using machine::Outcome;
using oracles::Finding;
using schedule::Schedule;

struct RunOptions {
	Mode mode = Mode::stepped;
	bool record = false; ///< keep the trace
	/// Names of the oracles that may speak; empty = all.
	std::vector<std::string> oracles;
	/// Operations one after the other (in_turn.h); the schedule's seed says in which order.
	bool in_turn = false;
	/// Watches besides the oracles, and is told of begin() and end(); never speaks.
	oracles::Oracle *observer = nullptr;
};

/// A decision that a run took, where it was not the default one.
struct Taken {
	std::uint16_t op = 0; ///< index over all scripts: cpu0's operations first
	schedule::Decision decision;
};

struct Result {
	Outcome outcome = Outcome::completed;
	std::optional<Finding> finding;
	std::uint32_t accesses = 0; ///< visible ones
	std::vector<Taken> taken;   ///< in the order in which they were taken
	bool unanchored = false;    ///< a decision fell where no operation could carry it
	std::optional<machine::Trace> trace;
	/// Which kinds of kernel events followed each other, hashed to bits: what a search keeps
	/// schedules by.
	std::uint64_t features[kernel::Kernel::kFeatures / 64] = {};
	/// Bit i: operation i (over all scripts, cpu0's first) did something that the kernel told
	/// of.
	std::uint64_t busy_ops[kernel::Kernel::kOps / 64] = {};
};

/// What is wrong with a schedule before it runs: unknown scheme or bug. Empty = nothing.
struct Refusal {
	std::string message;
	bool unknown = false; ///< exit status 125: this build does not know it
};

/// A machine, a kernel and the oracles, used again for run after run. Not thread safe; about 2 MB.
class Runner
{
public:
	explicit Runner(Engine engine = Engine::fibers);
	~Runner();

	/// Looks up scheme, bug and weakened sites. Must have succeeded for the schedule's names
	/// before run(); remembers the last ones, so calling it for every schedule is cheap.
	std::optional<Refusal> prepare(const Schedule &schedule);
	/// Runs it. The result is valid until the next run. Throws nothing; a bug of the harness
	/// aborts.
	const Result &run(const Schedule &schedule, const RunOptions &options = {});
	/// What the CPUs of the last run did last; free mode only.
	const kernel::Recent &recent() const;

private:
	struct Parts;
	std::unique_ptr<Parts> parts_;
};

/// The schedule that the calling OS thread is in the middle of, be it one of the engine's, or
/// nullptr: what a crash handler or a sanitizer's report should name.
const Schedule *running();

/// `schedule` with the decisions that a run of it took, and no strategy: it runs the same without
/// anybody's random numbers. Operations that never began lose nothing.
Schedule made_explicit(const Schedule &schedule, const Result &result);

} // namespace lazymm
