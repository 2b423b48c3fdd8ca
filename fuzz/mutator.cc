// SPDX-License-Identifier: MIT
#include "fuzz/mutator.h"

#include "core/schedule/bytes.h"

#include <algorithm>
#include <cstring>

namespace lazymm::fuzz
{

using schedule::Rng;
using schedule::Schedule;

namespace
{

/// Operations of a schedule that mutations keep to. Engines with a custom mutator ask for the
/// greatest length from the start; but a long run costs its length and seldom shows more than a
/// short one: every planted bug needs less than ten operations.
constexpr std::size_t kLongEnough = 32;

std::size_t op_count(const Schedule &schedule)
{
	std::size_t n = 0;
	for (const auto &script : schedule.cpus)
		n += script.size();
	return n;
}

/// Cuts spans out of the longest scripts until the schedule is short enough.
void trim(Schedule &schedule, Rng &rng)
{
	for (std::size_t n = op_count(schedule); n > kLongEnough; n = op_count(schedule)) {
		auto &script = *std::max_element(
			schedule.cpus.begin(), schedule.cpus.end(),
			[](const auto &a, const auto &b) { return a.size() < b.size(); });
		const auto length = static_cast<std::uint32_t>(script.size());
		const std::uint32_t cut = std::min(1 + rng.below(length), length);
		const auto first = script.begin() + rng.below(length - cut + 1);
		script.erase(first, first + std::min<std::ptrdiff_t>(cut, n - kLongEnough));
	}
}

/// The encoded schedule, if there is room for it.
std::size_t put(const Schedule &schedule, std::uint8_t *out, std::size_t max_size)
{
	const std::vector<std::uint8_t> bytes = schedule::encode(schedule);
	if (bytes.size() > max_size)
		return 0;
	std::memcpy(out, bytes.data(), bytes.size());
	return bytes.size();
}

} // namespace

std::size_t mutate_input(std::uint8_t *data, std::size_t size, std::size_t max_size, unsigned seed,
			 const schedule::Alphabet &alphabet,
			 std::size_t (*by_bytes)(std::uint8_t *, std::size_t, std::size_t))
{
	Rng rng(seed);
	if (by_bytes && rng.one_in(4))
		return by_bytes(data, size, max_size);
	static Schedule schedule;
	for (unsigned attempts = 4; attempts > 0; attempts--) {
		schedule::decode({ data, size }, schedule);
		// Mostly one change; now and then a few, to get over a gap.
		for (unsigned changes = rng.one_in(3) ? 2 + rng.below(4) : 1; changes > 0;
		     changes--)
			schedule::mutate(schedule, rng, alphabet);
		trim(schedule, rng);
		if (const std::size_t mutated = put(schedule, data, max_size))
			return mutated;
	}
	return by_bytes ? by_bytes(data, size, max_size) : size;
}

std::size_t cross_inputs(const std::uint8_t *a, std::size_t a_size, const std::uint8_t *b,
			 std::size_t b_size, std::uint8_t *out, std::size_t max_size, unsigned seed)
{
	static Schedule first, second;
	schedule::decode({ a, a_size }, first);
	schedule::decode({ b, b_size }, second);
	Rng rng(seed);
	Schedule child = schedule::crossover(first, second, rng);
	trim(child, rng);
	return put(child, out, max_size);
}

} // namespace lazymm::fuzz
