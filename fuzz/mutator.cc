// SPDX-License-Identifier: MIT
#include "fuzz/mutator.h"

#include "core/schedule/bytes.h"
#include "core/schedule/edits.h"

#include <cstring>

namespace lazymm::fuzz
{

using schedule::Rng;
using schedule::Schedule;

namespace
{

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
			schedule::mutate(schedule, rng, schedule::default_alphabet());
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
	return put(schedule::crossover(first, second, rng), out, max_size);
}

} // namespace lazymm::fuzz
