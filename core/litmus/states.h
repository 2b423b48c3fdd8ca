// SPDX-License-Identifier: MIT
// The final states that executions ended in, each once, with how often.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lazymm::litmus
{

class States
{
public:
	explicit States(std::size_t columns) : columns_(columns), buckets_(64, kNone) {}

	/// Counts the state; returns its index. Allocates when it is new. O(columns) on average.
	std::uint32_t add(std::span<const std::int64_t> state);

	std::size_t size() const { return counts_.size(); }
	std::uint64_t count(std::uint32_t i) const { return counts_[i]; }
	std::span<const std::int64_t> operator[](std::uint32_t i) const
	{
		return { values_.data() + i * columns_, columns_ };
	}

private:
	static constexpr std::uint32_t kNone = ~0u;

	void grow();
	std::uint32_t &bucket(std::span<const std::int64_t> state);

	std::size_t columns_;
	std::vector<std::int64_t> values_;
	std::vector<std::uint64_t> counts_;
	std::vector<std::uint32_t> buckets_; ///< open addressing, a power of two
};

} // namespace lazymm::litmus
