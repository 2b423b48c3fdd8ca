// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/planted_race.h"

#include "core/machine/machine.h"
#include "core/machine/tsan.h"
#include "fuzz/lazymm/tsan_reports.h"

#include <bit>
#include <cstdlib>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

using namespace machine;

/// The other CPU goes on when one waits; nothing else ever happens.
class TakeTurns final : public Policy
{
public:
	std::uint32_t next_question(const Cpu &) override { return ~0u; }
	Choice before_access(const Cpu &, const Access &, CpuSet) override { return {}; }
	unsigned next_cpu(const Cpu &, CpuSet movable) override
	{
		return static_cast<unsigned>(std::countr_zero(movable));
	}
	std::uint32_t hold_back(const Cpu &) override { return 0; }
	unsigned pick(const Cpu &, unsigned) override { return 0; }
};

struct Experiment {
	Plain<int> data{ "planted", nullptr };
	Shared<int> flag{ "flag", nullptr };
	Planted planted = Planted::racy;
	bool hide_from_tsan = false;
};

void touch(Experiment &experiment)
{
	std::optional<tsan::Ignore> hidden;
	if (experiment.hide_from_tsan)
		hidden.emplace();
	experiment.data.store(1);
}

void first_cpu(void *arg)
{
	auto &experiment = *static_cast<Experiment *>(arg);
	touch(experiment);
	experiment.flag.store(1, experiment.planted == Planted::ordered ? Order::release
									: Order::relaxed);
}

void second_cpu(void *arg)
{
	auto &experiment = *static_cast<Experiment *>(arg);
	experiment.flag.load(experiment.planted == Planted::ordered ? Order::acquire
								    : Order::relaxed);
	touch(experiment);
}

Outcome run(Engine engine, Planted planted, bool hide_from_tsan)
{
	const auto experiment = std::make_unique<Experiment>();
	experiment->planted = planted;
	experiment->hide_from_tsan = hide_from_tsan;
	TakeTurns policy;
	Machine machine(engine);
	machine.reset({ .cpus = 2, .policy = &policy });
	experiment->data.init(0);
	experiment->flag.init(0);
	Context *const first[] = { &machine.spawn(first_cpu, experiment.get()),
				   &machine.spawn(second_cpu, experiment.get()) };
	return machine.run(first);
}

/// Runs `body` in a child without voice; whether that ended badly.
template <class Body>
bool child_fails(Body body)
{
	const pid_t child = fork();
	if (child < 0)
		return false;
	if (child == 0) {
		lazymm_tsan_reports = 0; // those before the fork
		const int null = open("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		body();
		std::exit(0);
	}
	int status = 0;
	waitpid(child, &status, 0);
	return status != 0;
}

} // namespace

bool machine_sees_race(Engine engine, Planted planted)
{
	return run(engine, planted, true) == Outcome::race;
}

bool tsan_sees_race(Engine engine, Planted planted)
{
	return child_fails([&] {
		run(engine, planted, false);
		std::_Exit(lazymm_tsan_reports != 0);
	});
}

static void forget()
{
	// Several: an address may be left over in a register.
	for (int i = 0; i < 16; i++) {
		auto *gone = new volatile int(i);
		*gone = *gone + 1;
	}
}

bool lsan_sees_leak(bool planted)
{
	return child_fails([=] {
		if (planted)
			forget();
	});
}

bool asan_sees_use_after_free()
{
	return child_fails([] {
		auto *p = new volatile int(1);
		delete p;
		*p = 2; // NOLINT: planted
	});
}

} // namespace lazymm::command
