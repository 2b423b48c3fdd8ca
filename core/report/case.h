// SPDX-License-Identifier: MIT
// One thing that was checked, and what came of it: what every report for machines (JUnit, SARIF,
// KTAP, GitHub, JSON) is made of. A verb of the command collects cases; each format is a function
// of them, so that equal runs give equal reports.
#pragma once

#include "core/harness/minimize.h"

#include <optional>
#include <string>
#include <vector>

namespace lazymm::report
{

enum class Verdict : std::uint8_t {
	passed,
	failed, ///< a promise is broken, or something is not as it was expected
	error,	///< nothing can be said: bad input, unknown to this build, interrupted
};

/// What was seen of a promise that is broken: all that a picture needs.
struct Violation {
	schedule::Schedule schedule;
	Result result; ///< has a finding; should be recorded (witness.h: run_twice)
	/// How the schedule came to be as short as it is, if it was minimised.
	std::optional<Minimized> minimized;
	/// What `lazymm replay` needs besides the token, such as "--oracles mm-count".
	std::string replay_options;
};

struct Case {
	std::string suite;  ///< "corpus/refcount", "run", "matrix"
	std::string name;   ///< of the case within its suite; equal in each run of the same check
	std::string scheme; ///< or ""
	/// Where it stands: the schedule's file or the spec, as it was given; relative to the
	/// source directory if it is to be found by tools. Empty if there is none.
	std::string file;
	unsigned line = 0; ///< from 1; 0 = unknown
	Verdict verdict = Verdict::passed;
	/// One or a few sentences: what is wrong, or what was found out. May be empty if there is
	/// a violation, whose finding says it, or if the case passed.
	std::string message;
	std::optional<Violation> violation; ///< of a case that failed
};

/// In the order of the report. Those of a suite need not stand together.
using Cases = std::vector<Case>;

struct Count {
	std::size_t passed = 0, failed = 0, errors = 0;

	std::size_t all() const { return passed + failed + errors; }
};
Count count(const Cases &cases);

/// The cases of one suite.
struct Suite {
	std::string name;
	std::vector<const Case *> cases;

	Count count() const;
};
/// In the order in which they first appear; point into `cases`.
std::vector<Suite> suites(const Cases &cases);

/// "mm-count: live-mm-freed"; of a case without a violation, the first line of its message. Only of
/// a case that passed it may be empty.
std::string headline(const Case &what);

/// The picture of the violation, without what differs between equal runs; else the message.
std::string body(const Case &what);

/// "lazymm replay LMM1:... --oracles mm-count", or "" without a violation.
std::string replay_command(const Case &what);

struct Place {
	std::string file;
	unsigned line = 0;
};
/// Where it is to be looked at: what the finding names, or else the last event that names a
/// source, or else where the case stands. Empty if all do not know.
Place place(const Case &what);

} // namespace lazymm::report
