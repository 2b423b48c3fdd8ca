// SPDX-License-Identifier: MIT
// A small generator of random numbers that gives the same ones everywhere: the standard library's
// distributions differ between implementations, and a seed in a report must not.
#pragma once

#include <cstdint>

namespace lazymm::schedule
{

/// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Rng
{
public:
	explicit constexpr Rng(std::uint64_t seed) : state_(seed) {}

	/// 64 random bits.
	constexpr std::uint64_t next()
	{
		state_ += 0x9e3779b97f4a7c15;
		std::uint64_t z = state_;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
		return z ^ (z >> 31);
	}

	/// A number below `n`; 0 if `n` is 0. The bias is below n / 2^32.
	constexpr std::uint32_t below(std::uint32_t n)
	{
		return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
	}

	/// True once in `n` times on average.
	constexpr bool one_in(std::uint32_t n) { return below(n) == 0; }

private:
	std::uint64_t state_;
};

} // namespace lazymm::schedule
