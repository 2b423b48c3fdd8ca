// SPDX-License-Identifier: MIT
// Properties by name. A spec is one file that registers what it promises, over which schedules, and
// what its cases have to do for the promise to be about something; it then is a test, a line of
// `lazymm list properties`, a row of `lazymm matrix --properties`, and what `lazymm replay
// --property` replays.
//
// What a spec is asked about is always a schedule, even where it is about texts or bytes: so that
// every failing case shrinks by the minimiser, and ends in a picture and a token.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "properties/mixes.h"

namespace lazymm::properties
{

class Case;

/// What at least this share of the cases must do; else the property says nothing, and fails.
struct Cover {
	const char *what; ///< "an mm is freed": what Case::did() is told
	double share;
};

struct Property {
	const char *name;    ///< "mm-count-balanced"
	const char *promise; ///< one line for `lazymm list properties`
	/// Where cases come from, each as often.
	std::vector<Mix> mixes;
	/// Runs the case; require() (spec.h) is how it says that the promise is broken.
	std::function<void(Case &)> check;
	std::vector<Cover> covers;
	/// Oracles whose promise this is: planted bugs that one of them is to catch, this property
	/// can speak about.
	std::vector<const char *> oracles = {};
	/// A planted bug that it must catch, or nullptr: then a test of its own shows that it can
	/// fail.
	const char *twin = nullptr;
	/// Per scheme; a tenth under sanitizers.
	unsigned cases = 1000;
	/// Empty: all that are believed sound.
	std::vector<const char *> schemes = {};
	/// The schedule's seed says something else than what a strategy decides (an order, where a
	/// text is damaged): the minimiser leaves it alone.
	bool seeded = false;
	/// A report of TSan's breaks it, where TSan's word counts (judge.cc). False only where it
	/// does not at all, and the spec says why.
	bool heeds_tsan = true;
	const char *file = "";
	unsigned line = 0;
};

class Registration
{
public:
	Registration(Property property, const char *file, unsigned line);
	/// make(0, 0) to make(rows - 1, columns - 1).
	Registration(unsigned rows, unsigned columns, Property (*make)(unsigned, unsigned),
		     const char *file, unsigned line);
};

/// For Property::name, where that is put together: stays as long as the program.
const char *kept(std::string text);

/// Sorted by name.
std::vector<const Property *> all_properties();
/// nullptr if there is none of that name.
const Property *find_property(std::string_view name);
/// Registry names of the schemes that it is for.
std::vector<const char *> schemes_of(const Property &property);
/// Registry names of all that are believed sound.
std::vector<const char *> sound_schemes();
/// Ids of the planted bugs that it can speak about: in one of its schemes, of one of its oracles.
std::vector<const char *> bugs_of(const Property &property);

} // namespace lazymm::properties

#define LAZYMM_PROPERTY_NAME2(line) registered_##line
#define LAZYMM_PROPERTY_NAME(line) LAZYMM_PROPERTY_NAME2(line)
/// At namespace scope: REGISTER_PROPERTY({ .name = "mine", ..., .check = mine });
#define REGISTER_PROPERTY(...)                                                                     \
	static const ::lazymm::properties::Registration LAZYMM_PROPERTY_NAME(__LINE__)(            \
		::lazymm::properties::Property __VA_ARGS__, __FILE__, __LINE__)
/// A table of them: REGISTER_PROPERTIES(rows, columns, make).
#define REGISTER_PROPERTIES(...)                                                                   \
	static const ::lazymm::properties::Registration LAZYMM_PROPERTY_NAME(__LINE__)(            \
		__VA_ARGS__, __FILE__, __LINE__)
