// SPDX-License-Identifier: MIT
// The portfolio: one of the strategies, chosen for each run by its seed. Each of them has bugs that
// take it 10^3 to 10^5 runs longer than another one; all together are within 4 times of the best.
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "core/harness/disturb.h"

namespace lazymm
{

namespace
{

class Portfolio : public Strategy
{
public:
	void begin(std::uint64_t seed, const RunShape &shape) override
	{
		Rng rng(seed);
		now_ = all_[rng.below(std::size(all_))].get();
		now_->begin(rng.next(), shape);
	}

	std::uint32_t lookahead(const Cpu &cpu) override { return now_->lookahead(cpu); }
	Choice before_access(const Cpu &cpu, const Access &access, CpuSet movable) override
	{
		return now_->before_access(cpu, access, movable);
	}
	unsigned next_cpu(const Cpu &cpu, CpuSet movable) override
	{
		return now_->next_cpu(cpu, movable);
	}
	std::uint32_t hold_back(const Cpu &cpu) override { return now_->hold_back(cpu); }
	unsigned pick(const Cpu &cpu, unsigned n) override { return now_->pick(cpu, n); }
	unsigned older(const Cpu &cpu, unsigned n) override { return now_->older(cpu, n); }
	unsigned under(const Cpu &cpu, unsigned n) override { return now_->under(cpu, n); }
	std::uint32_t hold(const Cpu &cpu) override { return now_->hold(cpu); }

private:
	const std::unique_ptr<Strategy> all_[4] = { make_random_walk(), make_pct(), make_pos(),
						    make_surw() };
	Strategy *now_ = all_[0].get();
};

} // namespace

std::unique_ptr<Strategy> make_portfolio()
{
	return std::make_unique<Portfolio>();
}

std::unique_ptr<Strategy> make_strategy(schedule::Strategy kind)
{
	switch (kind) {
	case schedule::Strategy::random:
		return make_random_walk();
	case schedule::Strategy::pct:
		return make_pct();
	case schedule::Strategy::pos:
		return make_pos();
	case schedule::Strategy::surw:
		return make_surw();
	case schedule::Strategy::portfolio:
		return make_portfolio();
	case schedule::Strategy::stall:
		return make_stall();
	}
	std::fprintf(stderr, "lazymm: bug in the harness: no such strategy\n");
	std::abort();
}

} // namespace lazymm
