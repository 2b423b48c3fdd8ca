// SPDX-License-Identifier: MIT
#include "fuzz/feedback.h"

#include <bit>
#include <string_view>
#include <unordered_map>

namespace lazymm::fuzz
{

namespace
{

constexpr std::size_t kFeatures = 8 * sizeof(Result::features);
constexpr std::size_t kPairs = 1 << 12;

// libFuzzer looks for this section by its name; both arrays are in one piece of memory. Elsewhere
// they are arrays like others.
__attribute__((section("__libfuzzer_extra_counters"), used)) std::uint8_t features[kFeatures];
__attribute__((section("__libfuzzer_extra_counters"), used)) std::uint8_t pairs[kPairs];

std::uint64_t mix(std::uint64_t hash, std::uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

std::uint64_t mix(std::uint64_t hash, std::string_view text)
{
	return mix(hash, std::hash<std::string_view>()(text));
}

/// A place in the source. Not the addresses of its strings: they differ from process to process,
/// and a merge runs several.
std::uint64_t place(const machine::Event &event)
{
	return mix(mix(event.line, event.file), event.name);
}

std::uint64_t location(const machine::Event &event)
{
	const auto number = static_cast<std::uint32_t>(event.owner.number);
	return mix(mix(number, event.owner.kind), event.name);
}

bool reads(machine::AccessKind kind)
{
	return kind == machine::AccessKind::load || kind == machine::AccessKind::rmw ||
	       kind == machine::AccessKind::plain_load;
}

void count_pairs(const machine::Trace &trace)
{
	struct Store {
		std::uint64_t place;
		std::uint8_t cpu;
	};
	static std::unordered_map<std::uint64_t, Store> last;
	last.clear();
	for (const machine::Event &event : trace.events) {
		if (event.note || !*event.name || event.kind == machine::AccessKind::wait)
			continue;
		const std::uint64_t where = location(event);
		if (reads(event.kind)) {
			const auto store = last.find(where);
			if (store != last.end() && store->second.cpu != event.cpu)
				pairs[mix(store->second.place, place(event)) % kPairs] = 1;
		}
		if (machine::is_write(event.kind))
			last[where] = { place(event), event.cpu };
	}
}

} // namespace

void feed_back(const Result &result)
{
	for (std::size_t word = 0; word < std::size(result.features); word++) {
		for (std::uint64_t bits = result.features[word]; bits; bits &= bits - 1)
			features[word * 64 + static_cast<unsigned>(std::countr_zero(bits))] = 1;
	}
	if (result.trace)
		count_pairs(*result.trace);
}

} // namespace lazymm::fuzz
