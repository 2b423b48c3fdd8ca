// SPDX-License-Identifier: MIT
// What a fuzz target pays before a run starts.
#include "core/schedule/bytes.h"
#include "core/schedule/edits.h"

#include <benchmark/benchmark.h>

namespace lazymm::schedule
{
namespace
{

std::vector<std::uint8_t> example(std::int64_t ops, bool decisions)
{
	Rng rng(7);
	Schedule schedule;
	while (schedule.cpus[0].size() + schedule.cpus[1].size() < static_cast<std::size_t>(ops))
		schedule.cpus[rng.below(2)].push_back(
			{ static_cast<OpKind>(rng.below(kOpKinds)), 0, {} });
	for (std::vector<Op> &script : schedule.cpus) {
		for (Op &op : script) {
			if (decisions)
				op.decisions = { { 5, DecisionKind::run, 1 } };
		}
	}
	return encode(schedule);
}

void decode_ops(benchmark::State &state)
{
	const auto bytes = example(state.range(0), false);
	Schedule out;
	for (auto _ : state) {
		decode(bytes, out);
		benchmark::DoNotOptimize(out.cpus.data());
		benchmark::ClobberMemory();
	}
}
BENCHMARK(decode_ops)->Arg(0)->Arg(10)->Arg(100);

void decode_with_decisions(benchmark::State &state)
{
	const auto bytes = example(state.range(0), true);
	Schedule out;
	for (auto _ : state) {
		decode(bytes, out);
		benchmark::DoNotOptimize(out.cpus.data());
		benchmark::ClobberMemory();
	}
}
BENCHMARK(decode_with_decisions)->Arg(10);

/// Two inputs in turn, of different lengths: what the storage of `out` is reused for.
void decode_in_turn(benchmark::State &state)
{
	const auto one = example(10, true);
	const auto two = example(5, false);
	Schedule out;
	for (auto _ : state) {
		decode(one, out);
		decode(two, out);
		benchmark::DoNotOptimize(out.cpus.data());
		benchmark::ClobberMemory();
	}
}
BENCHMARK(decode_in_turn);

void encode_ops(benchmark::State &state)
{
	Schedule schedule;
	decode(example(state.range(0), true), schedule);
	for (auto _ : state)
		benchmark::DoNotOptimize(encode(schedule).data());
}
BENCHMARK(encode_ops)->Arg(10);

} // namespace
} // namespace lazymm::schedule

BENCHMARK_MAIN();
