// SPDX-License-Identifier: MIT
// Decisions take effect before the access that they name and nowhere else; nothing else moves.
#include "core/machine/machine_rig.h"

namespace lazymm::machine
{
namespace
{

class Decisions : public OnBothEngines
{
public:
	Decisions()
	{
		x.init(0);
		y.init(0);
		rig.cpu[0] = [] {
			for (int i = 1; i <= 5; i++)
				x.store(i, Order::relaxed);
		};
		rig.cpu[1] = [this] { rig.say(x.load(Order::relaxed)); };
		machine.tick = [](bool resched) {
			auto &self = *static_cast<Rig *>(this_machine().user);
			self.say(resched ? 'P' : 'T');
			self.say(x.peek());
		};
	}

	static Shared<int> x, y;
};

Shared<int> Decisions::x{ "x", nullptr };
Shared<int> Decisions::y{ "y", nullptr };

TEST_P(Decisions, NoneIsTheLeastSurprisingThing)
{
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "5");
	EXPECT_EQ(rig.asked, 0u);
	EXPECT_EQ(machine.steps(), 8u); // six, and a wait at the end of each script
}

TEST_P(Decisions, RunLetsAnotherCpuGoFirst)
{
	for (unsigned at = 1; at <= 5; at++) {
		Rig r(GetParam());
		r.cpu[0] = rig.cpu[0];
		r.cpu[1] = [&r] { r.say(x.load(Order::relaxed)); };
		r.decide(0, at, { Choice::run, 1 });
		x.init(0);
		EXPECT_EQ(r.run(), Outcome::completed);
		EXPECT_EQ(r.log(), std::to_string(at - 1));
		EXPECT_EQ(r.asked, 1u);
		EXPECT_EQ(r.asked_kind, AccessKind::store);
	}
}

TEST_P(Decisions, BeyondTheEndAreNotAskedFor)
{
	rig.decide(0, 6, { Choice::run, 1 });
	rig.decide(1, 7, { Choice::run, 0 });
	rig.run();
	EXPECT_EQ(rig.log(), "5");
	EXPECT_EQ(rig.asked, 0u);
}

TEST_P(Decisions, OfSeveralCpusKeepTheirAnchors)
{
	// cpu0: 1 2 | cpu1 reads, then cpu0 3 4 | cpu1 goes on.
	rig.cpu[1] = [this] {
		for (int i = 0; i < 3; i++)
			rig.say(x.load(Order::relaxed));
	};
	rig.decide(0, 3, { Choice::run, 1 });
	rig.decide(1, 2, { Choice::run, 0 });
	rig.decide(0, 5, { Choice::run, 1 });
	rig.run();
	EXPECT_EQ(rig.log(), "244");
}

TEST_P(Decisions, RunOfACpuThatCannotMoveIsPassedOver)
{
	rig.cpu[1] = [this] {
		wait_until([] { return x.peek() == 5; }, { .what = "five" });
		rig.say('w');
	};
	rig.decide(0, 1, { Choice::run, 1 }); // goes to wait, and back
	rig.decide(0, 3, { Choice::run, 1 });
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "w");
	EXPECT_EQ(x.peek(), 5);
}

TEST_P(Decisions, IrqAndPreemptAreTicksBeforeTheAccess)
{
	rig.decide(0, 3, { Choice::irq });
	rig.decide(0, 4, { Choice::preempt });
	rig.run();
	EXPECT_EQ(rig.log(), "T2P35");
}

TEST_P(Decisions, AreTheSameWhereEveryAccessIsRecorded)
{
	rig.trace = std::make_unique<Trace>();
	rig.decide(0, 3, { Choice::run, 1 });
	rig.decide(0, 4, { Choice::preempt });
	rig.run();
	EXPECT_EQ(rig.log(), "2P3");
	EXPECT_EQ(rig.asked, 2u);
	ASSERT_EQ(rig.trace->events.size(), 8u);
	const Event &third = rig.trace->events[2];
	EXPECT_EQ(third.cpu, 1);
	EXPECT_EQ(third.after, 2u);
	EXPECT_EQ(third.at, 1u);
	EXPECT_EQ(third.op, 1u);
}

TEST_P(Decisions, PickIsAVisibleAccessWhereThereIsAChoice)
{
	rig.choose = 2;
	rig.cpu[0] = [this] {
		rig.say(static_cast<int>(machine.pick(3, "three")));
		rig.say(static_cast<int>(machine.pick(1, "one")));
		rig.say(static_cast<int>(machine.pick(2, "two"))); // reduced
	};
	rig.cpu[1] = nullptr;
	rig.run();
	EXPECT_EQ(rig.log(), "200");
	EXPECT_EQ(machine.steps(), 4u);
}

TEST_P(Decisions, BelongToTheOperationNotToTheCpu)
{
	// Operation 1 is begun by cpu0: its decision counts from there.
	rig.cpu[0] = [this] {
		x.store(1, Order::relaxed);
		const Activity half_done = machine.suspend_activity();
		EXPECT_EQ(half_done.count, 1u);
		machine.begin_activity(2);
		x.store(2, Order::relaxed);
		x.store(3, Order::relaxed);
		machine.resume_activity(half_done);
		x.store(4, Order::relaxed);
	};
	rig.decide(2, 2, { Choice::irq });
	rig.decide(0, 2, { Choice::irq });
	rig.run();
	EXPECT_EQ(rig.log(), "T2T34");
}

TEST_P(Decisions, ARunDoesNotRememberTheLastOne)
{
	rig.trace = std::make_unique<Trace>();
	rig.decide(0, 2, { Choice::run, 1 });
	rig.run();
	const std::uint64_t hash = rig.trace->hash();
	for (int i = 0; i < 20; i++) {
		x.init(0);
		rig.run(i % 2 ? 2 : 4);
		x.init(0);
		rig.run();
		ASSERT_EQ(rig.trace->hash(), hash);
	}
}

TEST_P(Decisions, ATaskGoesOnOnAnotherCpu)
{
	// cpu0's task gives its CPU to a second one; cpu1 takes the first one over.
	static Context *first, *second;
	rig.cpu[0] = [this] {
		first = this_cpu().context;
		second = &machine.spawn(
			[](void *r) {
				auto &self = *static_cast<Rig *>(r);
				x.store(1, Order::release);
				self.say('b');
				self.say(this_cpu().index);
			},
			&rig);
		machine.switch_context(*second);
		rig.say('a');
		rig.say(this_cpu().index);
		rig.say(y.load(Order::relaxed));
	};
	rig.cpu[1] = [this] {
		wait_until([] { return x.peek() == 1; });
		x.load(Order::acquire);
		y.store(7, Order::relaxed);
		machine.switch_context(*first);
	};
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "b0a17");
}

INSTANTIATE_TEST_SUITE_P(, Decisions, kEngines, engine_name);

} // namespace
} // namespace lazymm::machine
