// SPDX-License-Identifier: MIT
// Checks a property under one scheme: what failed before and the corpus first, then RapidCheck's
// random cases. A case that fails is made small by the minimiser; RapidCheck's own shrinking has no
// part in it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/harness/minimize.h"
#include "properties/spec.h"

namespace lazymm::properties
{

/// Runs the spec over schedules, as a run function for the minimiser: what it says is a finding
/// whose oracle is the property.
class Judge
{
public:
	explicit Judge(const Property &property);
	/// Recorded. Valid until the next call.
	const Result &operator()(const Schedule &schedule);
	/// Bit i: the last one did covers[i].
	std::uint64_t done() const { return done_; }

private:
	const Property &property_;
	Bench bench_;
	Result result_;
	std::uint64_t done_ = 0;
};

struct NamedSchedule {
	std::string name; ///< a file's
	Schedule schedule;
};

struct CheckOptions {
	std::string bug;		  ///< planted in all cases, or ""
	std::vector<NamedSchedule> first; ///< of that scheme, asked about before all others
	unsigned cases = 0;		  ///< 0: the property's, less under sanitizers
	std::uint64_t seed = 0;		  ///< of the random cases; 0: made of the names
	bool minimize = true;
	std::function<bool()> interrupted; ///< looked at before each case
};

struct Failure {
	std::string from;    ///< "case 17", or the name of one of CheckOptions::first
	Schedule schedule;   ///< minimal; explicit, unless the property is seeded
	Result result;	     ///< its run; the finding is the property's
	Minimized minimized; ///< how it became so small
	bool again = true;   ///< false: it did not show when it was run again, and is as it was
};

struct Checked {
	unsigned cases = 0; ///< random ones
	/// How many of them did Property::covers[i].
	std::vector<unsigned> did;
	std::optional<Failure> failure;
};

Checked check(const Property &property, const std::string &scheme,
	      const CheckOptions &options = {});

/// How many random cases that are, in this build.
unsigned usual_cases(const Property &property);

/// What too few cases did, a sentence each.
std::vector<std::string> uncovered(const Property &property, const Checked &checked);

/// A random case of the property, under `scheme`.
Schedule random_case(const Property &property, const std::string &scheme, schedule::Rng &rng);

/// The picture of a failure, as everywhere; `lazymm replay` then asks the property.
std::string picture(const Property &property, const Failure &failure);

} // namespace lazymm::properties
