// SPDX-License-Identifier: MIT
// A strategy on the bare machine, without a kernel: for tests and benchmarks of strategies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "core/harness/strategy.h"
#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm
{

/// Runs one function per CPU, each as one operation, and keeps what the strategy decided.
class StrategyRig : public machine::Policy
{
public:
	using Body = void (*)(StrategyRig &rig);

	explicit StrategyRig(std::unique_ptr<Strategy> strategy) : strategy_(std::move(strategy))
	{
		machine_.tick = [](bool resched) {
			machine::tsan::Ignore ignore;
			auto &rig = *static_cast<StrategyRig *>(machine::this_machine().user);
			(resched ? rig.preempts : rig.ticks)++;
		};
		machine_.user = this;
	}

	machine::Outcome run(std::uint64_t seed, Body body, unsigned cpus = 2,
			     std::uint32_t expected_accesses = 40)
	{
		shape_ = { .cpus = cpus, .expected_accesses = expected_accesses };
		body_ = body;
		asked = switches = ticks = preempts = held = 0;
		log.clear();
		for (unsigned i = 0; i < cpus; i++)
			shape_.ops[i] = 1;
		strategy_->begin(seed, shape_);
		machine_.reset({ .cpus = cpus, .policy = this });
		machine::Context *first[machine::kMaxCpus];
		for (unsigned i = 0; i < cpus; i++)
			first[i] = &machine_.spawn(&StrategyRig::entry, this);
		return machine_.run(first);
	}

	machine::Machine &machine() { return machine_; }
	std::uint32_t steps() const { return machine_.steps(); }

	bool keep_log = true;
	std::string log; ///< every decision; equal runs, equal logs
	unsigned asked = 0;
	unsigned switches = 0;
	unsigned ticks = 0;
	unsigned preempts = 0;
	unsigned held = 0;

private:
	static void entry(void *arg)
	{
		auto &rig = *static_cast<StrategyRig *>(arg);
		rig.machine_.begin_activity(machine::this_cpu().index);
		rig.body_(rig);
	}

	void note(char what, unsigned cpu, unsigned n)
	{
		if (keep_log)
			log += what + std::to_string(cpu) + '.' + std::to_string(n) + ' ';
	}

	std::uint32_t next_question(const machine::Cpu &cpu) override
	{
		return cpu.activity.count + 1 + strategy_->lookahead(cpu);
	}
	machine::Choice before_access(const machine::Cpu &cpu, const machine::Access &access,
				      machine::CpuSet movable) override
	{
		const machine::Choice c = strategy_->before_access(cpu, access, movable);
		asked++;
		switches += c.kind == machine::Choice::run;
		note("-rip"[c.kind], cpu.index, c.cpu);
		return c;
	}
	unsigned next_cpu(const machine::Cpu &cpu, machine::CpuSet movable) override
	{
		const unsigned next = strategy_->next_cpu(cpu, movable);
		note('n', cpu.index, next);
		return next;
	}
	std::uint32_t hold_back(const machine::Cpu &cpu) override
	{
		const std::uint32_t n = strategy_->hold_back(cpu);
		held += n != 0;
		note('h', cpu.index, n);
		return n;
	}
	unsigned pick(const machine::Cpu &cpu, unsigned n) override
	{
		const unsigned k = strategy_->pick(cpu, n);
		note('k', cpu.index, k);
		return k;
	}

	std::unique_ptr<Strategy> strategy_;
	machine::Machine machine_{ machine::Engine::fibers };
	RunShape shape_;
	Body body_ = nullptr;
};

} // namespace lazymm
