// SPDX-License-Identifier: MIT
#include "core/harness/interleavings.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/kernel/events.h"
#include "core/kernel/types.h"
#include "core/machine/bug.h"

namespace lazymm
{

namespace
{

using machine::AccessKind;
using machine::Event;

constexpr unsigned kBits = 21; ///< of a place's and a location's number
constexpr std::uint8_t kFirst = 1, kSecond = 2;

/// A store that is drained has been counted when it was made.
bool touches_memory(const Event &event)
{
	switch (event.kind) {
	case AccessKind::load:
	case AccessKind::store:
	case AccessKind::rmw:
	case AccessKind::plain_load:
	case AccessKind::plain_store:
		return !event.note;
	default:
		return false;
	}
}

template <class Map, class Thing>
std::uint32_t number(Map &map, Thing &&thing)
{
	const auto next = static_cast<std::uint32_t>(map.size());
	if (next >= 1u << kBits)
		machine::harness_bug("more places than interleaving coverage can number");
	return map.try_emplace(std::forward<Thing>(thing), next).first->second;
}

} // namespace

const char *access(const Place &place)
{
	switch (place.kind) {
	case AccessKind::load:
		return "load";
	case AccessKind::store:
		return "store";
	case AccessKind::rmw:
		return "rmw";
	case AccessKind::plain_load:
		return "plain load";
	case AccessKind::plain_store:
		return "plain store";
	default:
		machine::harness_bug("an access that touches no memory has no place");
	}
}

std::string text(const Place &place)
{
	return fmt::format("{}:{} {}{}{}", place.file, place.line, access(place),
			   place.site.empty() ? "" : "  ", place.site);
}

Interleavings::Interleavings()
{
	for (unsigned slot = 0; slot < kernel::kTasks; slot++)
		tasks_.insert(kernel::task_name(slot));
}

std::uint32_t Interleavings::place_of(const Event &event)
{
	const auto [known, fresh] =
		known_.try_emplace({ event.file, event.line, event.kind, event.site }, 0);
	if (fresh)
		known->second = number(places_, Place{ event.file, event.line, event.kind,
						       event.site ? event.site : "" });
	return known->second;
}

/// Whosever it is: "mm.mm_users"; tasks are owners by their own names.
std::uint32_t Interleavings::location_of(const Event &event)
{
	const char *family = tasks_.contains(event.owner.kind) ? "task" : event.owner.kind;
	return number(locations_, machine::location_name(event.name, { family, -1 }));
}

void Interleavings::touch(Touches &touches, const Touch &now)
{
	for (const Touch &before : touches.all) {
		if (before.cpu == now.cpu || before.place == now.place ||
		    !(before.write || now.write))
			continue;
		const auto [low, high] = std::minmax(before.place, now.place);
		const std::uint64_t key =
			(std::uint64_t{ touches.location } << kBits | low) << kBits | high;
		seen_[key] |= before.place == low ? kFirst : kSecond;
	}
	if (std::find(touches.all.begin(), touches.all.end(), now) == touches.all.end())
		touches.all.push_back(now);
}

void Interleavings::add(const machine::Trace &trace)
{
	std::map<std::tuple<std::string_view, std::string_view, int>, Touches> locations;
	for (const Event &event : trace.events) {
		if (!touches_memory(event))
			continue;
		const auto [found, fresh] =
			locations.try_emplace({ event.name, event.owner.kind, event.owner.number });
		if (fresh)
			found->second.location = location_of(event);
		touch(found->second, { place_of(event), event.cpu, machine::is_write(event.kind) });
	}
}

std::vector<PlacePair> Interleavings::pairs() const
{
	std::vector<const Place *> places(places_.size());
	for (const auto &[place, at] : places_)
		places[at] = &place;
	std::vector<const std::string *> locations(locations_.size());
	for (const auto &[location, at] : locations_)
		locations[at] = &location;

	constexpr std::uint64_t mask = (1u << kBits) - 1;
	std::vector<PlacePair> all;
	all.reserve(seen_.size());
	for (const auto &[key, orders] : seen_) {
		PlacePair pair{ *locations[key >> 2 * kBits], *places[key >> kBits & mask],
				*places[key & mask], orders == (kFirst | kSecond) };
		// Numbers are given as places come; in print the order is that of their names.
		if (orders == kSecond || (pair.both && pair.second < pair.first))
			std::swap(pair.first, pair.second);
		all.push_back(std::move(pair));
	}
	std::sort(all.begin(), all.end());
	return all;
}

} // namespace lazymm
