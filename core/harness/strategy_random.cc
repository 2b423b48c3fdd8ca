// SPDX-License-Identifier: MIT
// Random walk: before each access, with a probability p, another CPU goes first. In the form of
// Thomson, Donaldson, Betts: "Concurrency Testing Using Controlled Schedulers" (TOPC 2016), whose
// naive one has p = 1/2 for two threads.
//
// Deviates: p is drawn for each run, because a bug that needs 30 accesses in a row is out of reach
// of p = 1/2, and one that needs 5 preemptions is out of reach of p = 1/32. Where the next switch
// falls is drawn ahead (the distance is geometric), so that the accesses in between cost a
// count-down.
#include <array>

#include "core/harness/disturb.h"

namespace lazymm
{

namespace
{

constexpr unsigned kRates = 5; // p = 1/2, 1/4, 1/8, 1/16, 1/32

using Distances = std::array<std::uint8_t, 256>;

/// Quantiles of the geometric distribution: accesses that go by before one that is asked about.
constexpr Distances quantiles(double p)
{
	Distances distances{};
	double left = 1; // probability that as many go by
	unsigned distance = 0;
	for (unsigned i = 0; i < 256; i++) {
		const double above = 1 - (i + 0.5) / 256;
		while (left * (1 - p) > above) {
			left *= 1 - p;
			distance++;
		}
		distances[i] = static_cast<std::uint8_t>(distance);
	}
	return distances;
}

constexpr std::array<Distances, kRates> kDistances = { quantiles(1. / 2), quantiles(1. / 4),
						       quantiles(1. / 8), quantiles(1. / 16),
						       quantiles(1. / 32) };
static_assert(kDistances[0][0] == 0 && kDistances[0][127] == 0 && kDistances[0][128] == 1);
static_assert(kDistances[4][255] > 128); // the tail is there

class RandomWalk : public Strategy
{
public:
	void begin(std::uint64_t seed, const RunShape &) override
	{
		rng_ = Rng(seed);
		const unsigned rate = rng_.below(kRates);
		distances_ = &kDistances[rate];
		disturb_.begin(rng_);
		// Ticks are a share of the questions, such that there is one in tick_every()
		// accesses.
		const std::uint32_t every = disturb_.tick_every();
		tick_share_ = every ? (2u << rate) * 256 / every : 0;
		if (tick_share_ > 192)
			tick_share_ = 192;
	}

	std::uint32_t lookahead(const Cpu &) override { return (*distances_)[rng_.next() >> 56]; }

	Choice before_access(const Cpu &, const Access &, CpuSet movable) override
	{
		if (tick_share_ && (rng_.next() & 255) < tick_share_)
			return disturb_.tick(rng_);
		if (!movable)
			return {};
		return { .kind = Choice::run, .cpu = random_cpu(rng_, movable) };
	}

	unsigned next_cpu(const Cpu &, CpuSet movable) override
	{
		return random_cpu(rng_, movable);
	}
	std::uint32_t hold_back(const Cpu &) override { return disturb_.hold_back(rng_); }
	unsigned pick(const Cpu &, unsigned n) override { return rng_.below(n); }
	unsigned older(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	unsigned under(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	std::uint32_t hold(const Cpu &) override { return disturb_.hold(rng_); }

private:
	Rng rng_{ 0 };
	Disturb disturb_;
	const Distances *distances_ = &kDistances[0];
	std::uint32_t tick_share_ = 0; ///< of 256 questions
};

} // namespace

std::unique_ptr<Strategy> make_random_walk()
{
	return std::make_unique<RandomWalk>();
}

} // namespace lazymm
