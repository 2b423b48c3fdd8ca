// SPDX-License-Identifier: MIT
// How the values of a test stand in the machine's words: numbers as 32 bits, because the machine's
// atomic additions are atomic_t's, and addresses beyond them.
#pragma once

#include <cstdint>

namespace lazymm::litmus
{

constexpr std::uint64_t encode(std::int64_t value)
{
	return value == static_cast<std::int32_t>(value) ? static_cast<std::uint32_t>(value)
							 : static_cast<std::uint64_t>(value);
}

constexpr std::int64_t decode(std::uint64_t word)
{
	return word >> 32 ? static_cast<std::int64_t>(word)
			  : static_cast<std::int32_t>(static_cast<std::uint32_t>(word));
}

} // namespace lazymm::litmus
