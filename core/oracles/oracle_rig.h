// SPDX-License-Identifier: MIT
// For the tests of oracles: a booted kernel on a machine on which CPUs do what a test says, and
// nobody disturbs them. CPU0 runs first, until it ends or waits, then the next one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string_view>

#include "core/oracles/oracle.h"

namespace lazymm::oracles
{

/// Reference counts as Linux has them: what every busted twin differs from in one place.
class Counted : public kernel::Scheme
{
public:
	void mmgrab_lazy_tlb(kernel::mm_ref mm) override
	{
		kernel::mmgrab(mm, kernel::Holder::lazy,
			       static_cast<int>(kernel::smp_processor_id()));
	}
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu, const kernel::Where &where) override
	{
		mmdrop(mm, kernel::Holder::lazy, static_cast<int>(cpu), where);
	}
};

class Rig final : public kernel::Driver, public machine::Policy
{
public:
	/// What CPU i does, on the stack of its first task: A on CPU0, idle elsewhere.
	std::function<void()> script[kernel::kMaxCpus];
	machine::Outcome outcome = machine::Outcome::completed;

	explicit Rig(kernel::Scheme *scheme = nullptr) : scheme_(scheme ? scheme : &counted_) {}

	/// Boots, runs the scripts, and returns what oracle `name` had to say.
	std::optional<Finding> run(std::string_view name)
	{
		for (const auto &oracle : oracles_)
			if (oracle->name() == name)
				return run(*oracle);
		std::abort();
	}

	/// The same with all of them; the first to speak.
	std::optional<Finding> run_all()
	{
		return run_with([&](auto what) {
			for (const auto &oracle : oracles_)
				what(*oracle);
		});
	}

	machine::Machine &machine() { return machine_; }
	kernel::Kernel &kernel() { return kernel_; }

	// kernel::Driver
	void run_task(kernel::task_struct &) override
	{
		const unsigned cpu = kernel::smp_processor_id();
		if (script[cpu])
			script[cpu]();
	}
	void preempted() override {}

	// machine::Policy
	std::uint32_t next_question(const machine::Cpu &) override { return ~0u; }
	machine::Choice before_access(const machine::Cpu &, const machine::Access &,
				      machine::CpuSet) override
	{
		return {};
	}
	unsigned next_cpu(const machine::Cpu &, machine::CpuSet movable) override
	{
		return static_cast<unsigned>(__builtin_ctz(movable));
	}
	std::uint32_t hold_back(const machine::Cpu &) override { return 0; }
	unsigned pick(const machine::Cpu &, unsigned) override { return 0; }

private:
	std::optional<Finding> run(Oracle &oracle)
	{
		return run_with([&](auto what) { what(oracle); });
	}

	/// for_each(what) calls what(oracle) for every oracle that takes part.
	template <class ForEach>
	std::optional<Finding> run_with(ForEach for_each)
	{
		std::optional<Finding> finding;
		kernel_.unwatch_all();
		for_each([&](Oracle &oracle) {
			oracle.forget();
			oracle.begin(kernel_);
			kernel_.watch(&oracle, oracle.events());
		});
		machine_.reset({ .cpus = 2, .policy = this });
		kernel_.boot({ .cpus = 2, .scheme = scheme_, .driver = this });
		outcome = kernel_.run();
		for_each([&](Oracle &oracle) { oracle.end(kernel_, outcome); });
		for_each([&](Oracle &oracle) {
			if (oracle.finding() && !finding)
				finding = *oracle.finding();
		});
		return finding;
	}

	machine::Machine machine_{ machine::Engine::fibers };
	kernel::Kernel kernel_{ machine_ };
	Counted counted_;
	kernel::Scheme *scheme_;
	std::vector<std::unique_ptr<Oracle>> oracles_ = make_all();
};

/// What `oracle` says if CPU0 does `script`.
inline std::optional<Finding> say(const char *oracle, std::function<void()> script)
{
	Rig rig;
	rig.script[0] = std::move(script);
	return rig.run(oracle);
}

// For scripts.
inline void emit(const kernel::KernelEvent &event)
{
	kernel::kernel().emit(event);
}
/// The mm of A.
inline kernel::mm_ref mm1()
{
	return kernel::current_task().mm.peek();
}

} // namespace lazymm::oracles

/// What was said is of that kind, and `part` stands in its text.
#define EXPECT_SAYS(finding, kind_, part)                                                          \
	do {                                                                                       \
		const std::optional<::lazymm::oracles::Finding> said = (finding);                  \
		ASSERT_TRUE(said) << "nothing was said";                                           \
		EXPECT_EQ(said->kind, kind_);                                                      \
		EXPECT_NE(said->text.find(part), std::string::npos) << said->text;                 \
		EXPECT_EQ(said->text.back(), '.') << said->text;                                   \
	} while (0)
#define EXPECT_SILENT(finding)                                                                     \
	do {                                                                                       \
		const std::optional<::lazymm::oracles::Finding> said = (finding);                  \
		EXPECT_FALSE(said) << said->oracle << " " << said->kind << ": " << said->text;     \
	} while (0)
