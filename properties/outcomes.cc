// SPDX-License-Identifier: MIT
#include "properties/outcomes.h"

#include <array>
#include <map>

#include <fmt/format.h>

namespace lazymm::properties
{

std::string what_was_read(const Result &result)
{
	// Number of a store, which counts those of all CPUs, to a name that does not.
	std::map<int, std::string> stores = { { 0, "0" } };
	std::array<unsigned, schedule::kMaxCpus> made{};
	const std::vector<kernel::KernelEvent> all = events(result);
	for (const kernel::KernelEvent &e : all)
		if (e.kind == EventKind::user_store)
			stores[e.value] = fmt::format("{}{}", char('a' + e.cpu), ++made[e.cpu]);
	std::array<std::string, schedule::kMaxCpus> read;
	for (const kernel::KernelEvent &e : all)
		if (e.kind == EventKind::user_load)
			read[e.cpu] += fmt::format("{}:{} ", e.cpu, stores[e.value]);
	std::string text;
	for (const std::string &one : read)
		text += one;
	return text;
}

std::set<std::string> outcomes_of(Case &c, Schedule schedule, unsigned runs,
				  const std::string &wanted)
{
	std::set<std::string> seen;
	for (unsigned seed = 0; seed < runs && !seen.contains(wanted); seed++) {
		schedule.search = { schedule::Strategy::random, seed };
		seen.insert(what_was_read(c.run_beside(schedule)));
	}
	return seen;
}

} // namespace lazymm::properties
