// SPDX-License-Identifier: MIT
// For the tests of the machine: functions on the bare machine, one per CPU and each as one
// operation, and a policy that does what a test says and else the least surprising thing.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

class Rig : public Policy
{
public:
	explicit Rig(Engine engine) : machine(engine)
	{
		log_.reserve(4096); // nothing is allocated while a policy is asked
		machine.user = this;
	}

	/// Before the `at`-th visible access of CPU `on`.
	void decide(unsigned on, std::uint32_t at, Choice choice)
	{
		decisions_[on].push_back({ at, choice });
	}

	Outcome run(unsigned cpus = 2, Mode mode = Mode::stepped)
	{
		log_.clear();
		if (trace)
			trace->events.clear();
		machine.reset({ .cpus = cpus, .mode = mode, .policy = this, .trace = trace.get() });
		Context *first[kMaxCpus];
		for (unsigned i = 0; i < cpus; i++)
			first[i] = &machine.spawn(&Rig::entry, this);
		return machine.run(first);
	}

	/// For functions on CPUs and handlers; TSan is not to see it.
	void say(char c)
	{
		tsan::Ignore ignore;
		log_ += c;
	}
	void say(int digit) { say(static_cast<char>('0' + digit)); }
	const std::string &log() const { return log_; }

	Machine machine;
	std::function<void()> cpu[kMaxCpus]; ///< empty: nothing to do
	std::unique_ptr<Trace> trace;	     ///< set: record
	std::uint32_t hold = 0; ///< hold an interrupt back that long, the first time that it asks
	unsigned choose = 0;	///< what pick() answers
	unsigned next = 0;	///< next_cpu() prefers the first movable one from here
	void (*on_next)(const Cpu &) = nullptr; ///< sees next_cpu()
	void (*on_hold)() = nullptr;		///< sees hold_back()
	unsigned asked = 0;
	AccessKind asked_kind{}; ///< of the access that was asked about last

private:
	struct Decision {
		std::uint32_t at;
		Choice choice;
	};

	static void entry(void *arg)
	{
		auto &rig = *static_cast<Rig *>(arg);
		const unsigned i = this_cpu().index;
		this_machine().begin_activity(i);
		if (rig.cpu[i])
			rig.cpu[i]();
	}

	std::uint32_t next_question(const Cpu &c) override
	{
		std::uint32_t at = ~0u;
		if (c.activity.op < kMaxCpus)
			for (const Decision &d : decisions_[c.activity.op])
				if (d.at > c.activity.count)
					at = std::min(at, d.at);
		return at;
	}
	Choice before_access(const Cpu &c, const Access &access, CpuSet) override
	{
		asked++;
		asked_kind = access.kind;
		for (const Decision &d : decisions_[c.activity.op])
			if (d.at == c.activity.count)
				return d.choice;
		return {};
	}
	unsigned next_cpu(const Cpu &c, CpuSet movable) override
	{
		if (on_next)
			on_next(c);
		unsigned i = next;
		while (!(movable >> i & 1))
			i = (i + 1) % kMaxCpus;
		return i;
	}
	std::uint32_t hold_back(const Cpu &) override
	{
		if (on_hold)
			on_hold();
		return std::exchange(hold, 0);
	}
	unsigned pick(const Cpu &, unsigned) override { return choose; }

	std::vector<Decision> decisions_[kMaxCpus];
	std::string log_;
};

/// A test on both engines.
class OnBothEngines : public testing::TestWithParam<Engine>
{
public:
	OnBothEngines() : rig(GetParam()) {}

	Rig rig;
	Machine &machine = rig.machine;
};

const auto kEngines = testing::Values(Engine::fibers, Engine::threads);

inline std::string engine_name(const testing::TestParamInfo<Engine> &info)
{
	return info.param == Engine::fibers ? "fibers" : "threads";
}

/// Waits that something is true; a Wait without the C.
template <class Ready>
bool wait_until(Ready ready, Wait wait = {})
{
	wait.ready = [](void *arg) { return (*static_cast<Ready *>(arg))(); };
	wait.arg = &ready;
	return this_machine().wait(wait);
}

} // namespace lazymm::machine
