// SPDX-License-Identifier: MIT
#include "core/litmus/states.h"

#include <algorithm>

namespace lazymm::litmus
{

std::uint32_t &States::bucket(std::span<const std::int64_t> state)
{
	std::uint64_t h = 0xcbf29ce484222325;
	for (std::int64_t v : state)
		h = (h ^ static_cast<std::uint64_t>(v)) * 0x9e3779b97f4a7c15;
	h ^= h >> 29;
	for (std::size_t i = h;; i++) {
		std::uint32_t &b = buckets_[i & (buckets_.size() - 1)];
		if (b == kNone || std::ranges::equal((*this)[b], state))
			return b;
	}
}

void States::grow()
{
	std::fill(buckets_.begin(), buckets_.end(), kNone);
	buckets_.resize(buckets_.size() * 2, kNone);
	for (std::uint32_t i = 0; i < counts_.size(); i++)
		bucket((*this)[i]) = i;
}

std::uint32_t States::add(std::span<const std::int64_t> state)
{
	std::uint32_t known = bucket(state);
	if (known != kNone) {
		counts_[known]++;
		return known;
	}
	std::uint32_t i = counts_.size();
	values_.insert(values_.end(), state.begin(), state.end());
	counts_.push_back(1);
	bucket((*this)[i]) = i;
	if (counts_.size() * 2 > buckets_.size())
		grow();
	return i;
}

} // namespace lazymm::litmus
