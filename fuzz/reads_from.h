// SPDX-License-Identifier: MIT
// Reads-from pairs of a recorded run, hashed to bits: which place's load read what which place's
// store had written on another CPU. Places are named, not addressed: what a pair is called is the
// same in every process, because merges compare them.
#pragma once

#include "core/machine/trace.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace lazymm::fuzz
{

inline constexpr std::size_t kPairs = 1 << 12;

namespace reads_from
{

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

inline std::uint64_t mix(std::uint64_t hash, std::string_view text)
{
	return mix(hash, std::hash<std::string_view>()(text));
}

inline std::uint64_t place(const machine::Event &event)
{
	return mix(mix(event.line, event.file), event.name);
}

inline std::uint64_t location(const machine::Event &event)
{
	const auto number = static_cast<std::uint32_t>(event.owner.number);
	return mix(mix(number, event.owner.kind), event.name);
}

inline bool reads(machine::AccessKind kind)
{
	return kind == machine::AccessKind::load || kind == machine::AccessKind::rmw ||
	       kind == machine::AccessKind::plain_load;
}

} // namespace reads_from

/// Calls visit(i), i < kPairs, for every pair of the run; for one that is there twice, twice.
template <class Visit>
void for_each_pair(const machine::Trace &trace, const Visit &visit)
{
	struct Store {
		std::uint64_t place;
		std::uint8_t cpu;
	};
	static std::unordered_map<std::uint64_t, Store> last; // used again: no allocation
	last.clear();
	for (const machine::Event &event : trace.events) {
		if (event.note || !*event.name || event.kind == machine::AccessKind::wait)
			continue;
		const std::uint64_t where = reads_from::location(event);
		if (reads_from::reads(event.kind)) {
			const auto store = last.find(where);
			if (store != last.end() && store->second.cpu != event.cpu)
				visit(static_cast<std::size_t>(reads_from::mix(
					      store->second.place, reads_from::place(event))) %
				      kPairs);
		}
		if (machine::is_write(event.kind))
			last[where] = { reads_from::place(event), event.cpu };
	}
}

} // namespace lazymm::fuzz
