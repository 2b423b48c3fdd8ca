// SPDX-License-Identifier: MIT
#include "fuzz/feedback.h"

#include "fuzz/reads_from.h"

#include <bit>

namespace lazymm::fuzz
{

namespace
{

constexpr std::size_t kFeatures = 8 * sizeof(Result::features);

// libFuzzer looks for this section by its name; both arrays are in one piece of memory. Elsewhere
// they are arrays like others.
__attribute__((section("__libfuzzer_extra_counters"), used)) std::uint8_t features[kFeatures];
__attribute__((section("__libfuzzer_extra_counters"), used)) std::uint8_t pairs[kPairs];

} // namespace

void feed_back(const Result &result)
{
	for (std::size_t word = 0; word < std::size(result.features); word++) {
		for (std::uint64_t bits = result.features[word]; bits; bits &= bits - 1)
			features[word * 64 + static_cast<unsigned>(std::countr_zero(bits))] = 1;
	}
	if (result.trace)
		for_each_pair(*result.trace, [](std::size_t pair) { pairs[pair] = 1; });
}

} // namespace lazymm::fuzz
