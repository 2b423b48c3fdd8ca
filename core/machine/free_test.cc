// SPDX-License-Identifier: MIT
// Free mode: CPUs really run in parallel, on the host's memory.
#include "core/machine/machine_rig.h"

#include <sched.h>

namespace lazymm::machine
{
namespace
{

Shared<int> count{ "count", nullptr };
Shared<int> lock{ "lock", nullptr };
Plain<int> guarded{ "guarded", nullptr };
int bare;

class Free : public OnBothEngines
{
public:
	Free()
	{
		count.init(0);
		lock.init(0);
		guarded.init(0);
		bare = 0;
	}
	void on_all(std::function<void()> body)
	{
		for (auto &c : rig.cpu)
			c = body;
	}
};

void spin_lock()
{
	while (lock.rmw(RmwOp::exchange, 1, Order::acquire, nullptr, Where::current()))
		wait_until([] { return lock.peek() == 0; }, { .what = "lock" });
}

TEST_P(Free, AtomicsAreExact)
{
	constexpr int rounds = 2000;
	on_all([] {
		for (int i = 0; i < rounds; i++)
			count.rmw(RmwOp::add, 1, Order::relaxed, nullptr, Where::current());
	});
	for (unsigned cpus : { 2u, 4u, 2u }) {
		count.init(0);
		EXPECT_EQ(rig.run(cpus, Mode::free), Outcome::completed);
		EXPECT_EQ(count.peek(), rounds * static_cast<int>(cpus));
	}
}

TEST_P(Free, ALockGuards)
{
	constexpr int rounds = 300;
	on_all([] {
		for (int i = 0; i < rounds; i++) {
			spin_lock();
			guarded.store(guarded.load() + 1);
			bare++; // the compiler's own access: TSan looks
			lock.store(0, Order::release);
		}
	});
	for (unsigned cpus : { 2u, 4u }) {
		guarded.init(0);
		bare = 0;
		EXPECT_EQ(rig.run(cpus, Mode::free), Outcome::completed);
		EXPECT_EQ(guarded.peek(), rounds * static_cast<int>(cpus));
		EXPECT_EQ(bare, guarded.peek());
	}
}

TEST_P(Free, InterruptsWakeWaiters)
{
	rig.cpu[0] = [] { wait_until([] { return count.peek() == 1; }, { .what = "IPI" }); };
	rig.cpu[1] = [this] {
		machine.raise(
			0,
			[](void *) {
				count.store(1 + static_cast<int>(this_cpu().index), Order::release);
			},
			nullptr);
	};
	for (int i = 0; i < 20; i++) {
		count.init(0);
		EXPECT_EQ(rig.run(2, Mode::free), Outcome::completed);
		EXPECT_EQ(count.peek(), 1);
	}
}

TEST_P(Free, ThatNothingMovesIsASuspicion)
{
	rig.cpu[0] = [] { wait_until([] { return count.peek() == 1; }, { .what = "never" }); };
	EXPECT_EQ(rig.run(2, Mode::free), Outcome::stuck);
}

TEST_P(Free, StopRunStopsAllCpus)
{
	rig.cpu[0] = [] {
		for (;;)
			count.load(Order::relaxed);
	};
	rig.cpu[1] = [this] { machine.stop_run(); };
	EXPECT_EQ(rig.run(2, Mode::free), Outcome::stopped);
}

TEST_P(Free, SteppedRunsGoOnAfterwards)
{
	rig.cpu[0] = rig.cpu[1] = [this] {
		for (int i = 0; i < 3; i++)
			count.rmw(RmwOp::add, 1, Order::relaxed, nullptr, Where::current());
		if (machine.stepped())
			rig.say(count.peek());
	};
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(rig.run(2, Mode::free), Outcome::completed);
		count.init(0);
		EXPECT_EQ(rig.run(), Outcome::completed);
		EXPECT_EQ(rig.log(), "36");
	}
}

/// Without a visible access, so that the end of the run is not noticed.
bool finishes(const Context &context)
{
	const volatile Context::State &state = context.state;
	while (state != Context::finished)
		sched_yield();
	return true;
}

// A context that has finished is somebody's until it is retired: its OS thread has yet to look whom
// it hands to. Given away too early it handed to nobody, and the run never ended.
TEST_P(Free, AFinishedContextIsNotYetAnybodys)
{
	static std::atomic<const Context *> first;
	static std::atomic<bool> given_away;
	for (int i = 0; i < 20; i++) {
		first = nullptr;
		given_away = true;
		rig.cpu[0] = [this] {
			first = this_cpu().context;
			count.store(1, Order::release);
			machine.stop_run();
		};
		rig.cpu[1] = [this] {
			while (count.peek() == 0 || !finishes(*first))
				sched_yield();
			given_away = &machine.spawn([](void *) {}, nullptr) == first;
		};
		count.init(0);
		EXPECT_EQ(rig.run(2, Mode::free), Outcome::stopped);
		EXPECT_FALSE(given_away);
	}
}

// An interrupt that a CPU will never take does not keep the others from ending.
TEST_P(Free, InterruptsOfADeafCpuKeepNobody)
{
	rig.cpu[0] = [this] {
		machine.irqs_off();
		count.store(1, Order::release);
		wait_until([] { return false; }, { .what = "CPU down", .idle = true });
	};
	rig.cpu[1] = [this] {
		wait_until([] { return count.peek() == 1; }, { .what = "the other" });
		machine.raise(0, [](void *) {}, nullptr);
	};
	for (int i = 0; i < 20; i++) {
		count.init(0);
		EXPECT_EQ(rig.run(2, Mode::free), Outcome::completed);
	}
}

// All are idle, and then there is something to do for one of them: the run is not over before that
// one has seen it.
TEST_P(Free, TheEndWaitsForWhoHasWork)
{
	static std::atomic<int> work;
	machine.unfinished = [](Machine &, unsigned cpu) { return cpu == 0 && work == 1; };
	rig.cpu[0] = [this] {
		Wait idle{ .ready = [](void *) { return false; }, .what = "nothing", .idle = true };
		while (machine.wait(idle))
			;
		work = 2;
	};
	rig.cpu[1] = [] { work = 1; };
	for (int i = 0; i < 200; i++) {
		work = 0;
		EXPECT_EQ(rig.run(2, Mode::free), Outcome::completed);
		EXPECT_EQ(work, 2);
	}
}

// The same, and nobody may have it: a suspicion at once.
TEST_P(Free, AHungTaskIsASuspicion)
{
	machine.hung = [](Machine &) { return true; };
	EXPECT_EQ(rig.run(2, Mode::free), Outcome::stuck);
}

INSTANTIATE_TEST_SUITE_P(, Free, kEngines, engine_name);

} // namespace
} // namespace lazymm::machine
