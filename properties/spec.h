// SPDX-License-Identifier: MIT
// What a spec includes: the case that it is asked about, and how it says that the promise is
// broken.
#pragma once

#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "core/harness/minimize.h"
#include "core/harness/observe.h"
#include "core/harness/run.h"
#include "properties/property.h"

namespace lazymm::properties
{

using kernel::EventKind;

/// What the cases of a property have in common: runners are costly to make.
struct Bench {
	Runner runner;
	std::optional<Runner> reference; ///< where something else runs beside it
	std::optional<Runner> threads;	 ///< the other engine
};

class Case
{
public:
	Case(const Property &property, const Schedule &case_schedule, Bench &bench);

	const Schedule &schedule;

	/// Runs the case, recorded. What is returned is valid until the next run. The first run is
	/// what a failure shows.
	const Result &run(const std::vector<std::string> &oracles = {});
	/// Its operations one after the other, in an order that its seed says (in_turn.h).
	Result run_in_turn(Observed &observed);
	/// Another schedule beside it, recorded.
	const Result &run_beside(const Schedule &other);
	const Result &run_beside(const Schedule &other, const RunOptions &options);
	Result run_beside_in_turn(const Schedule &other, Observed &observed);
	/// The case once more, on the other engine.
	const Result &run_on_threads();

	/// What the minimiser makes of the case, which shows `finding`.
	std::optional<Minimized> minimize_beside(const Finding &finding, std::uint64_t replays);

	/// The case did what Property::covers calls so, or did not.
	void did(const char *what, bool yes = true);

	/// The first run; empty if there was none.
	const Result &shown();
	/// Bit i: it did covers[i].
	std::uint64_t done() const { return done_; }

private:
	const Result &keep(const Result &result);
	/// The runner is about to run something else.
	void save();

	const Property &property_;
	Bench &bench_;
	const Result *first_ = nullptr; ///< on bench_.runner, until that runs again
	std::optional<Result> saved_;
	std::uint64_t done_ = 0;
};

/// Thrown by require(): why the promise is broken, and where the spec says so.
struct Broken {
	std::string kind; ///< stable short name, the same for the same defect: the minimiser
			  ///< holds on to it
	std::string text; ///< a sentence for a person
	std::source_location where;
};

/// The promise is broken unless `holds`.
inline void require(bool holds, const char *kind, const std::string &text = "",
		    const std::source_location &where = std::source_location::current())
{
	if (!holds)
		throw Broken{ kind, text, where };
}
/// No oracle spoke.
void require_silence(const Result &result,
		     const std::source_location &where = std::source_location::current());
/// Two recorded runs are the same.
void require_same(const Result &one, const Result &two,
		  const std::source_location &where = std::source_location::current());

/// Whether something of that kind happened in a recorded run.
bool happened(const Result &result, EventKind kind);
/// What the kernel had to say in a recorded run. By number: its mms and tasks point nowhere.
std::vector<kernel::KernelEvent> events(const Result &result);

} // namespace lazymm::properties
