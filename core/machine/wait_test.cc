// SPDX-License-Identifier: MIT
// Waits, and how a run ends: that no CPU can move is proven, never timed out.
#include <atomic>

#include "core/machine/machine_rig.h"

namespace lazymm::machine
{
namespace
{

Shared<int> x{ "x", nullptr };
Shared<int> y{ "y", nullptr };

void wait_for_x(Wait wait = {})
{
	wait_until([] { return x.peek() != 0; }, wait);
}
void wait_for_y(Wait wait = {})
{
	wait_until([] { return y.peek() != 0; }, wait);
}

class Waits : public OnBothEngines
{
public:
	Waits()
	{
		x.init(0);
		y.init(0);
	}
};

TEST_P(Waits, EndWhenAnotherCpuMadeItPossible)
{
	rig.cpu[0] = [this] {
		wait_for_x();
		rig.say('a');
		y.store(1, Order::release);
		wait_until([] { return x.peek() == 2; });
		rig.say('c');
	};
	rig.cpu[1] = [this] {
		x.store(1, Order::release);
		wait_for_y();
		rig.say('b');
		x.store(2, Order::release);
	};
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "abc");
}

TEST_P(Waits, ForEachOtherAreADeadlock)
{
	rig.cpu[0] = [] {
		wait_for_x({ .what = "x" });
		y.store(1, Order::release);
	};
	rig.cpu[1] = [] {
		wait_for_y({ .what = "y" });
		x.store(1, Order::release);
	};
	EXPECT_EQ(rig.run(), Outcome::deadlock);
	EXPECT_STREQ(machine.cpu(0).stuck_in.what, "x");
	EXPECT_STREQ(machine.cpu(1).stuck_in.what, "y");
	EXPECT_LT(machine.steps(), 5u);
}

TEST_P(Waits, ForACpuThatHasEndedAreADeadlock)
{
	rig.cpu[1] = [] { wait_for_x(); };
	EXPECT_EQ(rig.run(), Outcome::deadlock);
	EXPECT_EQ(rig.run(4), Outcome::deadlock);
}

TEST_P(Waits, ForAnInterruptWithInterruptsOffAreADeadlock)
{
	rig.cpu[0] = [this] {
		machine.irqs_off();
		wait_for_x({ .what = "IPI" });
	};
	rig.cpu[1] = [this] {
		machine.raise(0, [](void *) { x.store(1, Order::relaxed); }, nullptr);
	};
	EXPECT_EQ(rig.run(), Outcome::deadlock);
}

TEST_P(Waits, OfIdleCpusAreTheEnd)
{
	rig.cpu[0] = [] { wait_for_x({ .idle = true }); };
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.run(1), Outcome::completed);
}

TEST_P(Waits, OfIdleCpusEndUnlessATaskHangs)
{
	machine.hung = [](Machine &) { return true; };
	EXPECT_EQ(rig.run(), Outcome::deadlock);
}

TEST_P(Waits, OfferTheCpuToUnfinishedTasks)
{
	static std::atomic<bool> unfinished; // bookkeeping: not the kernel's
	machine.unfinished = [](Machine &, unsigned cpu) { return unfinished && cpu == 1; };
	unfinished = true;
	rig.cpu[0] = [this] {
		wait_for_x({ .what = "x" });
		rig.say('b');
	};
	rig.cpu[1] = [this] {
		bool ready = wait_until([] { return false; }, { .sleeps = true });
		rig.say(ready ? '?' : 'a');
		unfinished = false;
		x.store(1, Order::release);
	};
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "ab");
}

TEST_P(Waits, DecideWhoGoesFirstAtAPositionOfTheirOwn)
{
	// The handler's access has position 2: cpu0 decides anew at position 3.
	static std::uint32_t positions[2];
	static unsigned n;
	n = 0;
	rig.on_next = [](const Cpu &cpu) {
		if (cpu.index == 0 && n < 2)
			positions[n++] = cpu.activity.count;
	};
	rig.cpu[0] = [] { wait_for_x(); };
	rig.cpu[1] = [this] {
		machine.raise(0, [](void *) { y.load(Order::relaxed); }, nullptr);
		wait_for_y({ .idle = true });
		x.store(1, Order::release);
	};
	rig.cpu[2] = [] {
		x.load(Order::relaxed);
		y.store(1, Order::release);
	};
	EXPECT_EQ(rig.run(3), Outcome::completed);
	EXPECT_EQ(positions[0], 1u);
	EXPECT_EQ(positions[1], 3u);
}

TEST_P(Waits, DoNotOfferWithPreemptionOff)
{
	machine.unfinished = [](Machine &, unsigned) { return true; };
	rig.cpu[0] = [this] {
		machine.preempt_disable();
		wait_for_x({ .sleeps = true });
	};
	EXPECT_EQ(rig.run(1), Outcome::deadlock);
}

TEST_P(Waits, RelaxGoesOnWhenAnotherCpuStored)
{
	rig.cpu[0] = [this] {
		while (!x.load(Order::acquire))
			machine.relax();
		rig.say('b');
	};
	rig.cpu[1] = [this] {
		y.store(1, Order::relaxed);
		rig.say('a');
		x.store(1, Order::release);
	};
	rig.decide(1, 2, { Choice::run, 0 });
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "ab");
}

TEST_P(Waits, RelaxForEverIsALivelock)
{
	auto spin = [] {
		while (!x.load(Order::acquire))
			this_machine().relax();
	};
	rig.cpu[0] = spin;
	EXPECT_EQ(rig.run(), Outcome::livelock);
	EXPECT_TRUE(machine.cpu(0).stuck_in.relax);
	rig.cpu[1] = spin;
	EXPECT_EQ(rig.run(), Outcome::livelock);
	EXPECT_LT(machine.steps(), 10u);
	// But where somebody waits for more than a store, it is that wait that hangs.
	rig.cpu[1] = [] { wait_for_y({ .what = "y" }); };
	EXPECT_EQ(rig.run(), Outcome::deadlock);
}

TEST_P(Waits, RelaxOfTwoCpusThatStoreRunsIntoTheBound)
{
	rig.cpu[0] = rig.cpu[1] = [] {
		while (!x.load(Order::acquire)) {
			y.store(1, Order::relaxed);
			this_machine().relax();
		}
	};
	EXPECT_EQ(rig.run(), Outcome::limit);
}

TEST_P(Waits, ARunIsBounded)
{
	rig.cpu[0] = [] {
		for (;;)
			x.load(Order::relaxed);
	};
	EXPECT_EQ(rig.run(), Outcome::limit);
	EXPECT_EQ(machine.steps(), Machine::kMaxAccesses + 1);
	rig.cpu[0] = [] {
		for (unsigned i = 2; i < Machine::kMaxAccesses; i++)
			x.load(Order::relaxed);
	};
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(machine.steps(), Machine::kMaxAccesses);
}

TEST_P(Waits, StopRunStopsAllCpus)
{
	rig.cpu[0] = [this] {
		wait_for_x();
		rig.say('?');
	};
	rig.cpu[1] = [this] {
		rig.say('s');
		machine.stop_run();
	};
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(rig.run(), Outcome::stopped);
		EXPECT_EQ(rig.log(), "s");
	}
}

INSTANTIATE_TEST_SUITE_P(, Waits, kEngines, engine_name);

} // namespace
} // namespace lazymm::machine
