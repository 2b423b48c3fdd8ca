// SPDX-License-Identifier: MIT
// Interrupts: when they come, in which order, and what holds them up.
#include "core/machine/machine_rig.h"

namespace lazymm::machine
{
namespace
{

Shared<int> x{ "x", nullptr };
Plain<int> data{ "data", nullptr };

Rig &rig_here()
{
	return *static_cast<Rig *>(this_machine().user);
}

void say_char(void *c)
{
	rig_here().say(*static_cast<const char *>(c));
	rig_here().say(x.peek());
}

char a = 'a', b = 'b';

void count_to(int n)
{
	for (int i = 1; i <= n; i++)
		x.store(i, Order::relaxed);
}

/// cpu0 counts; cpu1 gets in before cpu0's third access and does what the test says.
class Interrupts : public OnBothEngines
{
public:
	Interrupts()
	{
		x.init(0);
		data.init(0);
		rig.cpu[0] = [] { count_to(5); };
		rig.decide(0, 3, { Choice::run, 1 });
	}
	void raise_on_0(void (*fn)(void *), void *arg) { machine.raise(0, fn, arg); }
};

TEST_P(Interrupts, ComeAtTheNextAccess)
{
	rig.cpu[1] = [this] { raise_on_0(say_char, &a); };
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "a2");
}

// A decision about an access is written down as its position: an interrupt handler's last access
// and the one that it came before must not share one.
TEST_P(Interrupts, ShareNoPositionWithTheAccessTheyComeBefore)
{
	rig.trace = std::make_unique<Trace>();
	rig.cpu[1] = [this] { raise_on_0([](void *) { x.store(10, Order::relaxed); }, nullptr); };
	rig.run();
	std::vector<int> stored, at;
	for (const Event &e : rig.trace->events)
		if (e.op == 0 && e.kind == AccessKind::store) {
			stored.push_back(e.after);
			at.push_back(e.at);
		}
	EXPECT_EQ(stored, (std::vector{ 1, 2, 10, 3, 4, 5 }));
	EXPECT_EQ(at, (std::vector{ 1, 2, 4, 5, 6, 7 }));
}

TEST_P(Interrupts, ComeInOrder)
{
	rig.cpu[1] = [this] {
		raise_on_0(say_char, &b);
		raise_on_0(say_char, &a);
	};
	rig.run();
	EXPECT_EQ(rig.log(), "b2a2");
}

TEST_P(Interrupts, ThatArePendingAreNotQueuedTwice)
{
	rig.cpu[1] = [this] {
		for (int i = 0; i < 20; i++) {
			raise_on_0(say_char, &b);
			raise_on_0(say_char, &a);
		}
	};
	rig.run();
	EXPECT_EQ(rig.log(), "b2a2");
}

TEST_P(Interrupts, WaitForTheFlag)
{
	rig.cpu[0] = [this] {
		machine.irqs_off(); // a visible point: access 1
		count_to(5);
		rig.say('|');
		machine.irqs_on();
		rig.say('|');
	};
	rig.cpu[1] = [this] { raise_on_0(say_char, &a); };
	rig.run();
	EXPECT_EQ(rig.log(), "|a5|");
}

TEST_P(Interrupts, DoNotWaitForThePreemptionCount)
{
	static int preempt_count;
	rig.cpu[0] = [this] {
		machine.preempt_disable();
		count_to(5);
		EXPECT_TRUE(machine.preempt_enable());
	};
	rig.cpu[1] = [this] {
		raise_on_0([](void *) { preempt_count = this_cpu().preempt_count; }, nullptr);
	};
	rig.run();
	EXPECT_EQ(preempt_count, 1);
}

TEST_P(Interrupts, RunWithInterruptsOffAndExitWithThemOn)
{
	machine.irq_exit = [] {
		rig_here().say(this_cpu().irqs_off || this_cpu().hardirq_depth ? '?' : 'x');
	};
	rig.cpu[1] = [this] {
		raise_on_0(
			[](void *) {
				rig_here().say(this_cpu().irqs_off ? 'h' : '?');
				this_machine().raise(0, say_char, &b); // after this one
				x.store(8, Order::relaxed);
				rig_here().say('H');
			},
			nullptr);
	};
	rig.run();
	EXPECT_EQ(rig.log(), "hHxb8x");
}

TEST_P(Interrupts, CanBeHeldBack)
{
	rig.hold = 2;
	rig.cpu[1] = [this] { raise_on_0(say_char, &a); };
	rig.run();
	EXPECT_EQ(rig.log(), "a4"); // accesses 3 and 4 first
}

TEST_P(Interrupts, AreAskedAboutOnceAtAPosition)
{
	static unsigned asked;
	asked = 0;
	rig.on_hold = [] { asked++; };
	rig.cpu[1] = [this] {
		raise_on_0(say_char, &b);
		raise_on_0(say_char, &a);
	};
	rig.run();
	EXPECT_EQ(asked, 1u);
	rig.hold = 1;
	x.init(0);
	rig.run();
	EXPECT_EQ(rig.log(), "b3a3");
}

TEST_P(Interrupts, ThatAreHeldBackComeWhenAnIrqIsDecided)
{
	rig.hold = 3;
	rig.decide(0, 4, { Choice::irq });
	rig.cpu[1] = [this] { raise_on_0(say_char, &a); };
	rig.run();
	EXPECT_EQ(rig.log(), "a3");
}

TEST_P(Interrupts, ThatAreHeldBackComeToAWait)
{
	rig.hold = 100;
	rig.cpu[1] = [this] { raise_on_0(say_char, &a); };
	rig.run();
	EXPECT_EQ(rig.log(), "a5");
}

TEST_P(Interrupts, WakeAWaiter)
{
	rig.cpu[0] = [this] {
		wait_until([] { return x.peek() == 9; }, { .what = "nine" });
		rig.say('w');
	};
	rig.cpu[1] = [this] { raise_on_0([](void *) { x.store(9, Order::relaxed); }, nullptr); };
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(rig.log(), "w");
}

TEST_P(Interrupts, BringWhatTheSenderKnew)
{
	rig.cpu[1] = [this] {
		data.store(1);
		raise_on_0([](void *) { data.store(data.load() + 1); }, nullptr);
	};
	EXPECT_EQ(rig.run(), Outcome::completed);
	EXPECT_EQ(data.peek(), 2);
}

TEST_P(Interrupts, SectionsBeginWithAVisiblePoint)
{
	static std::uint32_t sections;
	rig.cpu[0] = [this] {
		machine.irqs_off(); // 1
		machine.preempt_disable();
		machine.preempt_enable();
		machine.irqs_on();
		machine.preempt_disable(); // 2
		machine.irqs_off();
		machine.irqs_on();
		machine.preempt_enable();
		sections = this_cpu().sections;
		x.store(1, Order::relaxed); // 3
	};
	rig.cpu[1] = [this] { rig.say(x.load(Order::relaxed)); };
	rig.run();
	EXPECT_EQ(rig.log(), "0");
	EXPECT_EQ(rig.asked_kind, AccessKind::store);
	EXPECT_EQ(sections, 2u);
}

INSTANTIATE_TEST_SUITE_P(, Interrupts, kEngines, engine_name);

} // namespace
} // namespace lazymm::machine
