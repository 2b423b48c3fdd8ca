// SPDX-License-Identifier: MIT
// What the machine costs: a visible access (`access`), a hand-over (`switch`), an empty run. CPU
// time of the process; the medians are printed by
//
//	machine_bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// Floors on the same kind of machine: a plain load 0.7 ns, an uncontended RMW 5-10, a fibre switch
// 4-8, a futex hand-over on one core 840-2,080.
#include <benchmark/benchmark.h>

#include "core/machine/machine.h"

namespace lazymm::machine
{
namespace
{

Shared<int> word{ "word", nullptr };
Plain<int> plain{ "plain", nullptr };

/// Never asks; where somebody has to move, the next one does. Or lets the other CPU go first at
/// every access.
class Quiet : public Policy
{
public:
	explicit Quiet(bool switching = false) : switching_(switching) {}
	std::uint32_t next_question(const Cpu &cpu) override
	{
		return switching_ ? cpu.activity.count + 1 : ~0u;
	}
	Choice before_access(const Cpu &cpu, const Access &, CpuSet) override
	{
		return { Choice::run, 1u - cpu.index };
	}
	unsigned next_cpu(const Cpu &, CpuSet movable) override
	{
		return static_cast<unsigned>(__builtin_ctz(movable));
	}
	std::uint32_t hold_back(const Cpu &) override { return 0; }
	unsigned pick(const Cpu &, unsigned) override { return 0; }

private:
	bool switching_;
};

constexpr int kAccesses = 10'000; // of a CPU in a run; the bound is Machine::kMaxAccesses

using Body = void (*)();

template <class Step>
void times(Step step)
{
	for (int i = 0; i < kAccesses; i++)
		step(i);
}

void run(
	Machine &machine, Policy &policy, Body first, Body second = [] {},
	Memory memory = Memory::sc)
{
	const auto entry = [](void *body) { reinterpret_cast<Body>(body)(); };
	machine.reset({ .cpus = 2, .memory = memory, .policy = &policy });
	word.init(0);
	Context *contexts[] = { &machine.spawn(entry, reinterpret_cast<void *>(first)),
				&machine.spawn(entry, reinterpret_cast<void *>(second)) };
	machine.run(contexts);
}

void per(benchmark::State &state, const char *what, double n)
{
	state.counters[what] = benchmark::Counter(n, benchmark::Counter::kIsIterationInvariantRate |
							     benchmark::Counter::kInvert);
}

void access(benchmark::State &state, Engine engine, Body body, Memory memory)
{
	Machine machine(engine);
	Quiet policy;
	for (auto _ : state)
		run(machine, policy, body, [] {}, memory);
	per(state, "access", kAccesses);
}

/// Two CPUs that take turns at every access.
void switching(benchmark::State &state, Engine engine)
{
	Machine machine(engine);
	Quiet policy(true);
	constexpr Body body = [] {
		for (int i = 0; i < 500; i++)
			word.load(Order::relaxed);
	};
	for (auto _ : state)
		run(machine, policy, body, body);
	per(state, "switch", 1000);
}

void empty_run(benchmark::State &state, Engine engine)
{
	Machine machine(engine);
	Quiet policy;
	for (auto _ : state)
		run(machine, policy, [] {});
}

/// The executor alone.
void hand_over(benchmark::State &state, Engine engine)
{
	struct Pair {
		std::unique_ptr<Executor> executor;
		Cpu cpu;
		Context main, other;
	} p{ engine == Engine::fibers ? make_fibers() : make_threads(), {}, {}, {} };
	p.main.cpu = p.other.cpu = &p.cpu;
	p.executor->adopt(p.main);
	p.other.finish_to = &p.main;
	p.executor->start(
		p.other,
		[](void *arg) {
			auto &p = *static_cast<Pair *>(arg);
			for (;;)
				p.executor->transfer(p.other, p.main, Edge::none);
		},
		&p);
	for (auto _ : state)
		for (int i = 0; i < 500; i++)
			p.executor->transfer(p.main, p.other, Edge::none);
	per(state, "switch", 1000);
	p.executor->retire(p.main, p.other);
	p.executor->release(p.main);
}

void mb()
{
	this_machine().barrier(AccessKind::mb, &LAZYMM_SITE("bench: mb", mb), Where::current());
}

void add(Order order)
{
	word.rmw(RmwOp::add, 1, order, &LAZYMM_SITE("bench: add", rmw), Where::current());
}

// clang-format off
const struct { const char *name; Body body; } kBodies[] = {
	{ "load_relaxed", [] { times([](int) { word.load(Order::relaxed); }); } },
	{ "load_acquire", [] { times([](int) { word.load(Order::acquire, &LAZYMM_SITE("bench: load", acquire)); }); } },
	{ "store_relaxed", [] { times([](int i) { word.store(i, Order::relaxed); }); } },
	{ "store_release", [] { times([](int i) { word.store(i, Order::release, &LAZYMM_SITE("bench: store", release)); }); } },
	{ "rmw_relaxed", [] { times([](int) { add(Order::relaxed); }); } },
	{ "rmw_full", [] { times([](int) { add(Order::full); }); } },
	{ "smp_mb", [] { times([](int) { mb(); }); } },
	{ "plain_load", [] { times([](int) { plain.load(); }); } },
	{ "plain_store", [] { times([](int i) { plain.store(i); }); } },
};
// clang-format on

const int registered = [] {
	for (Engine engine : { Engine::fibers, Engine::threads }) {
		const std::string suffix = engine == Engine::fibers ? "/fibers" : "/threads";
		auto add = [&](const std::string &name, auto function, auto... arguments) {
			benchmark::RegisterBenchmark((name + suffix).c_str(), function, engine,
						     arguments...)
				->MeasureProcessCPUTime();
		};
		for (const auto &b : kBodies) {
			add(b.name, access, b.body, Memory::sc);
			if (engine == Engine::threads)
				continue;
			add(std::string("tso/") + b.name, access, b.body, Memory::tso);
			add(std::string("weak/") + b.name, access, b.body, Memory::weak);
		}
		add("hand_over", hand_over);
		add("switching", switching);
		add("empty_run", empty_run);
	}
	return 0;
}();

} // namespace
} // namespace lazymm::machine
