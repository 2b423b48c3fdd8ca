// SPDX-License-Identifier: MIT
// Interleaving coverage: of two places that touch the same memory on two CPUs, was each seen before
// the other? A pair that was only ever seen one way round is a schedule that nobody tried, or one
// that the code forbids: either is worth a look. The unit is that of Yu, Narayanasamy,
// Pereira and Pokam (Maple, OOPSLA 2012), without its limit to neighbours.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/machine/trace.h"

namespace lazymm
{

/// Where an access stands in the source. Ordered by file, then line.
struct Place {
	std::string file;
	std::uint32_t line = 0;
	machine::AccessKind kind = machine::AccessKind::load;
	std::string site; ///< its name, or ""

	auto operator<=>(const Place &) const = default;
};

/// "load", "store", "rmw", "plain load" or "plain store".
const char *access(const Place &place);
/// "core/kernel/sched.cc:41 store", and the site's name behind it where it has one.
std::string text(const Place &place);

/// Two places that touched the same memory on two CPUs, at least one of them writing.
struct PlacePair {
	std::string location; ///< "mm.mm_users", "rq.curr": whosever it was
	Place first, second;  ///< in an order that was seen
	bool both = false;    ///< so was the other

	auto operator<=>(const PlacePair &) const = default;
};

/// What a set of runs has shown. Order is that of execution, which on sc is that of memory too.
class Interleavings
{
public:
	Interleavings();

	/// A recorded run. O(events * places that touch one location).
	void add(const machine::Trace &trace);

	/// By location, then place; the same for the same runs in whatever order they came. A place
	/// that met itself is left out: it has one order only.
	std::vector<PlacePair> pairs() const;

private:
	/// Who touched one location in one run, each once.
	struct Touch {
		std::uint32_t place;
		std::uint8_t cpu;
		bool write;

		bool operator==(const Touch &) const = default;
	};
	struct Touches {
		std::uint32_t location = 0;
		std::vector<Touch> all;
	};

	std::uint32_t place_of(const machine::Event &event);
	std::uint32_t location_of(const machine::Event &event);
	void touch(Touches &touches, const Touch &now);

	std::map<Place, std::uint32_t> places_;
	std::map<std::string, std::uint32_t> locations_;
	std::set<std::string, std::less<>> tasks_; ///< names of all of them
	/// What an access is called does not change while the program runs: not each time anew.
	std::map<std::tuple<const char *, std::uint32_t, machine::AccessKind, const char *>,
		 std::uint32_t>
		known_;
	/// By location and two places, 21 bits each, the smaller place first. Bit 0: it came first;
	/// bit 1: it came second.
	std::unordered_map<std::uint64_t, std::uint8_t> seen_;
};

} // namespace lazymm
