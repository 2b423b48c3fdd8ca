// SPDX-License-Identifier: MIT
#include "properties/scenarios.h"

namespace lazymm::properties
{

namespace
{

using schedule::Op;
using schedule::OpKind;
using schedule::Rng;
using schedule::Schedule;
using Ops = std::vector<Op>;

constexpr std::uint8_t A = 0, B = 1, C = 2, K = 6, kthread = 8, idle = 9;
constexpr std::uint8_t x = 0, y = 1;
constexpr std::uint8_t kSyncCore = 2, kGlobal = 4;

Op op(OpKind kind, std::uint8_t operand = 0)
{
	return { kind, operand, {} };
}

void add(Ops &to, const Ops &more)
{
	to.insert(to.end(), more.begin(), more.end());
}

/// What the caller does around the call, and the other thread beside it.
struct Probe {
	Op before, after, beside;
};
const Probe kProbes[] = {
	{ op(OpKind::store, x), op(OpKind::load, y), op(OpKind::store_load, y) },
	{ op(OpKind::load, y), op(OpKind::load, x), op(OpKind::store_store, x) },
	{ op(OpKind::store, x), op(OpKind::store, y), op(OpKind::load_load, y) },
};

/// How CPU1 comes to run user code of the mm.
Ops comes(unsigned scenario, Rng &rng)
{
	const Op away = op(OpKind::switch_to, rng.one_in(2) ? kthread : idle);
	switch (scenario) {
	case 2: // from the user thread to a kernel thread and back
		return { op(OpKind::switch_to, B), away, op(OpKind::switch_to, B) };
	case 4: // by kthread_use_mm(), where it was lazy on the mm or not
		if (rng.one_in(2))
			return { op(OpKind::switch_to, B), op(OpKind::switch_to, kthread),
				 op(OpKind::use_mm, A) };
		return { op(OpKind::switch_to, rng.one_in(2) ? kthread : K),
			 op(OpKind::use_mm, A) };
	default:
		return { op(OpKind::switch_to, B) };
	}
}

/// How it stops.
Ops goes(unsigned scenario, Rng &rng)
{
	switch (scenario) {
	case 2:
		return { op(OpKind::switch_to, rng.one_in(2) ? kthread : C) };
	case 3:
		return { op(OpKind::exit) };
	case 4:
		return { op(OpKind::unuse_mm) };
	default:
		return {};
	}
}

Schedule searching(Rng &rng, Schedule s)
{
	s.search = { schedule::Strategy::portfolio, static_cast<std::uint32_t>(rng.next()) };
	s.memory = static_cast<schedule::Memory>(rng.below(3));
	return s;
}

Schedule make_scenario(Rng &rng, unsigned variant)
{
	const unsigned scenario = variant / 8;
	const auto command = static_cast<std::uint8_t>(kScenarioCommands[variant % 8]);
	// A is what the caller wrote before, B what it has read.
	const Probe &probe = kProbes[scenario < 2 ? scenario : rng.below(3)];
	Schedule s;
	Ops &caller = s.cpus[0], &covered = s.cpus[1];
	caller = { op(OpKind::thread, B), op(OpKind::thread, C) };
	if (command != kGlobal)
		caller.push_back(op(OpKind::register_mm, command));
	add(caller, { probe.before, op(OpKind::membarrier, command), probe.after });
	covered = comes(scenario, rng);
	covered.push_back(probe.beside);
	add(covered, goes(scenario, rng));
	return searching(rng, s);
}

Schedule make_patched_code(Rng &rng, unsigned)
{
	Schedule s;
	s.cpus[0] = { op(OpKind::thread, B), op(OpKind::register_mm, kSyncCore), op(OpKind::patch),
		      op(OpKind::membarrier, kSyncCore), op(OpKind::run_code) };
	for (unsigned left = 2 + rng.below(5); left > 0; left--) {
		constexpr std::uint8_t to[] = { B, B, B, kthread, idle, C };
		const Op go = op(OpKind::switch_to, to[rng.below(6)]);
		s.cpus[1].push_back(rng.one_in(3) ? op(OpKind::run_code) : go);
	}
	s.cpus[0].insert(s.cpus[0].begin() + 1 + rng.below(4),
			 rng.one_in(2) ? op(OpKind::thread, C) : op(OpKind::fork, C));
	return searching(rng, s);
}

constexpr const char *kNames[] = { "scenario_a", "scenario_b", "scenario_c", "scenario_d",
				   "scenario_e" };

} // namespace

Mix membarrier_scenario(unsigned scenario, unsigned command)
{
	return { kNames[scenario], "of kernel/sched/membarrier.c", make_scenario,
		 scenario * 8 + command };
}

constexpr Mix patched_code{ "patched_code", "code that is patched, and sync-core",
			    make_patched_code };

} // namespace lazymm::properties
