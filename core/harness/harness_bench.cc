// SPDX-License-Identifier: MIT
// What a run costs: ten operations on two CPUs, decoding, reset and oracles included; `accesses`
// are the visible ones per run. CPU time of the process; the medians are printed by
//
//	harness_bench --benchmark_filter=run --benchmark_repetitions=9
//		--benchmark_report_aggregates_only=true
//
// What others make of 148 visible operations a run, on the same kind of machine: Relacy 149,000
// runs/s, Shuttle 45,000, folly's DeterministicSchedule 3,100.
#include <unistd.h>

#include <cstdio>

#include <benchmark/benchmark.h>

#include "core/harness/run.h"
#include "core/schedule/bytes.h"
#include "core/schedule/text.h"

namespace lazymm
{
namespace
{

constexpr const char *kText = R"(lazymm-schedule 1
scheme refcount
cpus 2

cpu0
  switch kthread
  switch A
  thread B
  switch idle
  touch
cpu1
  switch kthread
  switch B         +3 run cpu0
  switch idle
  switch kthread
  touch
)";

Schedule example()
{
	return std::get<Schedule>(schedule::parse_text(kText, "harness_bench.cc"));
}

std::uint64_t resident_bytes()
{
	unsigned long pages = 0, resident = 0;
	if (std::FILE *f = std::fopen("/proc/self/statm", "r")) {
		if (std::fscanf(f, "%lu %lu", &pages, &resident) != 2)
			resident = 0;
		std::fclose(f);
	}
	return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Decodes and runs once; the strategy's seed is `seed`.
const Result &decode_and_run(Runner &runner, const std::vector<std::uint8_t> &bytes, Schedule &out,
			     std::uint32_t seed)
{
	schedule::decode(bytes, out);
	out.scheme = "refcount";
	if (out.search)
		out.search->seed = seed;
	if (runner.prepare(out))
		std::abort();
	return runner.run(out);
}

void run(benchmark::State &state, Engine engine, std::optional<schedule::Strategy> strategy)
{
	Schedule s = example();
	if (strategy)
		s.search = { *strategy, 0 };
	const std::vector<std::uint8_t> bytes = schedule::encode(s);
	Runner runner(engine);
	Schedule out;
	std::uint64_t accesses = 0;
	std::uint32_t seed = 0;
	for (auto _ : state)
		accesses += decode_and_run(runner, bytes, out, seed++).accesses;
	state.counters["accesses"] =
		benchmark::Counter(double(accesses), benchmark::Counter::kAvgIterations);
	state.counters["runs"] =
		benchmark::Counter(double(state.iterations()), benchmark::Counter::kIsRate);
}

/// What 10,000,000 runs under all strategies leave behind, in bytes.
void memory(benchmark::State &state)
{
	Schedule s = example();
	s.search = schedule::Search{};
	const std::vector<std::uint8_t> bytes = schedule::encode(s);
	Runner runner;
	Schedule out;
	for (std::uint32_t seed = 0; seed < 10'000; seed++)
		decode_and_run(runner, bytes, out, seed);
	const std::uint64_t before = resident_bytes();
	for (auto _ : state)
		for (std::uint32_t seed = 0; seed < 10'000'000; seed++)
			decode_and_run(runner, bytes, out, seed);
	state.counters["rss_before"] = double(before);
	state.counters["rss_growth"] = double(resident_bytes()) - double(before);
}

const int registered = [] {
	for (Engine engine : { Engine::fibers, Engine::threads }) {
		const std::string suffix = engine == Engine::fibers ? "/fibers" : "/threads";
		benchmark::RegisterBenchmark(("run/none" + suffix).c_str(), run, engine,
					     std::nullopt)
			->MeasureProcessCPUTime();
		for (unsigned i = 0; i < schedule::kStrategies; i++) {
			const auto strategy = static_cast<schedule::Strategy>(i);
			benchmark::RegisterBenchmark(
				("run/" + std::string(name(strategy)) + suffix).c_str(), run,
				engine, strategy)
				->MeasureProcessCPUTime();
		}
	}
	benchmark::RegisterBenchmark("memory_10M_runs", memory)->Iterations(1);
	return 0;
}();

} // namespace
} // namespace lazymm
