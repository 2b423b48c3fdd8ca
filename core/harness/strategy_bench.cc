// SPDX-License-Identifier: MIT
// What a strategy costs: two CPUs on the bare machine, 75 accesses each to eight locations.
// `access` is the time per visible access, all included; `asked` and `switches` are per access.
#include <benchmark/benchmark.h>

#include "core/harness/strategy_rig.h"

namespace lazymm
{
namespace
{

using machine::Order;
using machine::Shared;

Shared<int> words[8] = { { "a", nullptr }, { "b", nullptr }, { "c", nullptr }, { "d", nullptr },
			 { "e", nullptr }, { "f", nullptr }, { "g", nullptr }, { "h", nullptr } };

void body(StrategyRig &)
{
	for (unsigned i = 0; i < 75; i++) {
		Shared<int> &word = words[i * 5 % 8];
		if (i % 3 == 0)
			word.store(static_cast<int>(i), Order::release);
		else
			word.load(Order::acquire);
	}
}

/// Decides nothing, not asked or asked every time: what the machine costs alone.
class Nothing : public Strategy
{
public:
	explicit Nothing(std::uint32_t lookahead) : lookahead_(lookahead) {}
	void begin(std::uint64_t, const RunShape &) override {}
	std::uint32_t lookahead(const machine::Cpu &) override { return lookahead_; }
	machine::Choice before_access(const machine::Cpu &, const machine::Access &,
				      machine::CpuSet) override
	{
		return {};
	}
	unsigned next_cpu(const machine::Cpu &, machine::CpuSet movable) override
	{
		return static_cast<unsigned>(std::countr_zero(movable));
	}
	std::uint32_t hold_back(const machine::Cpu &) override { return 0; }
	unsigned pick(const machine::Cpu &, unsigned) override { return 0; }

private:
	const std::uint32_t lookahead_;
};

void bench(benchmark::State &state, std::unique_ptr<Strategy> strategy)
{
	StrategyRig rig(std::move(strategy));
	rig.keep_log = false;
	std::uint64_t seed = 0, accesses = 0, asked = 0, switches = 0;
	for (auto _ : state) {
		rig.run(seed++, body, 2, 150);
		accesses += rig.steps();
		asked += rig.asked;
		switches += rig.switches;
	}
	state.counters["access"] = benchmark::Counter(
		double(accesses), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
	state.counters["asked"] = double(asked) / double(accesses);
	state.counters["switches"] = double(switches) / double(accesses);
}

BENCHMARK_CAPTURE(bench, nothing, std::make_unique<Nothing>(machine::Machine::kMaxAccesses));
BENCHMARK_CAPTURE(bench, nothing_asked, std::make_unique<Nothing>(0));
BENCHMARK_CAPTURE(bench, random, make_random_walk());
BENCHMARK_CAPTURE(bench, pct, make_pct());
BENCHMARK_CAPTURE(bench, pos, make_pos());
BENCHMARK_CAPTURE(bench, surw, make_surw());
BENCHMARK_CAPTURE(bench, stall, make_stall());
BENCHMARK_CAPTURE(bench, portfolio, make_portfolio());

} // namespace
} // namespace lazymm
