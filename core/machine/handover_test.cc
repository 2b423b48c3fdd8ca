// SPDX-License-Identifier: MIT
// Both executors do the same.
#include <array>
#include <atomic>
#include <latch>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "core/machine/handover_test.h"

namespace lazymm::machine
{
namespace
{

TEST_P(Handover, PingPongGoesInOrderAndEndsInMain)
{
	start(a, [](Handover &t) {
		for (int i = 0; i < 3; i++) {
			t.log += 'a';
			t.go(t.a, t.b);
		}
		t.log += '.';
	});
	start(b, [](Handover &t) {
		for (;;) {
			t.log += 'b';
			t.go(t.b, t.a);
		}
	});
	EXPECT_EQ(a.state, Context::fresh);
	go(main, a);
	EXPECT_EQ(log, "ababab.");
	EXPECT_EQ(a.state, Context::finished);
	EXPECT_EQ(b.state, Context::started);
	executor->retire(main, b);
	EXPECT_EQ(b.state, Context::finished);
}

TEST_P(Handover, ManySwitches)
{
	start(a, [](Handover &t) {
		for (int i = 0; i < 50000; i++) {
			t.count++;
			t.go(t.a, t.main);
		}
	});
	while (a.state != Context::finished)
		go(main, a);
	EXPECT_EQ(count, 50000);
}

TEST_P(Handover, ContextIsUsedAgainWhenFinished)
{
	for (int i = 0; i < 1000; i++) {
		start(a, [](Handover &t) { t.count++; });
		go(main, a);
		ASSERT_EQ(a.state, Context::finished);
	}
	EXPECT_EQ(count, 1000);
}

TEST_P(Handover, FreshContextIsDropped)
{
	start(a, [](Handover &t) { t.log += "never"; });
	executor->retire(main, a);
	EXPECT_EQ(a.state, Context::finished);
	start(a, [](Handover &t) { t.log += "again"; });
	go(main, a);
	EXPECT_EQ(log, "again");
}

TEST_P(Handover, ContinuesOnTheCpuItIsGiven)
{
	start(a, [](Handover &t) {
		for (;;) {
			t.log += static_cast<char>('0' + this_cpu().index);
			t.go(t.a, t.main);
		}
	});
	for (unsigned cpu : { 0, 1, 0 }) {
		a.cpu = &cpus[cpu];
		go(main, a);
		EXPECT_EQ(&this_cpu(), &cpus[0]);
	}
	EXPECT_EQ(log, "010");
	executor->retire(main, a);
	EXPECT_EQ(&this_cpu(), &cpus[0]);
}

// Locals that ASan puts poison around, and that count their destruction.
[[gnu::noinline]] int descend(int depth, Handover &t)
{
	struct Local {
		int &counter;
		std::array<int, 8> used{};
		~Local() { counter++; }
	} local{ t.count };

	std::iota(local.used.begin(), local.used.end(), depth);
	if (depth == 0) {
		t.go(t.a, t.main);
		t.log += "never";
	} else {
		local.used[depth % 8] += descend(depth - 1, t);
	}
	return std::accumulate(local.used.begin(), local.used.end(), 0);
}

TEST_P(Handover, DeepStacksAreRetiredAgainAndAgain)
{
	constexpr bool dropped = !LAZYMM_ASAN && !LAZYMM_TSAN;

	for (int i = 0; i < 1000; i++) {
		start(a, [](Handover &t) { descend(99, t); });
		go(main, a);
		executor->retire(main, a);
		ASSERT_EQ(a.state, Context::finished);
		ASSERT_FALSE(a.unwinding);
	}
	EXPECT_EQ(count, dropped && GetParam() == Engine::fibers ? 0 : 100 * 1000);
	EXPECT_EQ(log, "");

	// Nothing that was left there is in the way of who uses the stack next.
	start(a, [](Handover &t) {
		std::array<int, 1024> used;

		std::iota(used.begin(), used.end(), 0);
		t.count = used[t.log.size() + 1023];
	});
	go(main, a);
	EXPECT_EQ(count, 1023);
}

TEST_P(Handover, OneContextRetiresAnother)
{
	start(a, [](Handover &t) {
		t.go(t.a, t.b);
		t.log += "never";
	});
	start(b, [](Handover &t) {
		t.executor->retire(t.b, t.a);
		t.log += 'b';
	});
	go(main, a);
	EXPECT_EQ(log, "b");
	EXPECT_EQ(a.state, Context::finished);
	EXPECT_EQ(b.state, Context::finished);
}

TEST_P(Handover, ExceptionsStayInTheirContext)
{
	start(a, [](Handover &t) {
		for (int i = 0; i < 3; i++) {
			try {
				t.go(t.a, t.main);
				throw std::runtime_error("caught");
			} catch (const std::exception &e) {
				t.log += e.what()[0];
			}
		}
	});
	while (a.state != Context::finished) {
		go(main, a);
		EXPECT_THROW(throw std::logic_error("mine"), std::logic_error);
	}
	EXPECT_EQ(log, "ccc");
}

TEST_P(Handover, ContextsMayGoBeforeTheExecutor)
{
	for (int i = 0; i < 3; i++) {
		auto brief = std::make_unique<Task>();

		start(*brief, [](Handover &t) { t.count++; });
		go(main, *brief);
	}
	EXPECT_EQ(count, 3);
}

// Free mode: two OS threads, each a CPU, run whichever task they find. A task offers itself before
// it has left its CPU, as one on a runqueue does.
class FreeHandover : public Handover
{
public:
	FreeHandover()
	{
		executor->release(main);
		executor->pin(false);
		adopt(main, cpus[0]);
	}

	static void body(Handover &t)
	{
		FreeHandover &test = static_cast<FreeHandover &>(t);
		Task &me = static_cast<Task &>(*this_cpu().context);

		while (++me.rounds < test.rounds) {
			Context &idle = *test.idle[this_cpu().index];

			test.offer(me);
			test.go(me, idle);
		}
		me.finish_to = test.idle[this_cpu().index];
		test.left--;
	}

	void offer(Task &task)
	{
		for (unsigned i = 0;; i++) {
			Task *none = nullptr;

			if (queue[i % queue.size()].compare_exchange_strong(none, &task))
				return;
		}
	}

	void run(Cpu &cpu)
	{
		for (unsigned i = 0; left > 0; i++) {
			Task *task = queue[i % queue.size()].exchange(nullptr);

			if (task == nullptr)
				continue;
			task->cpu = &cpu;
			cpu.context = task;
			go(*idle[cpu.index], *task);
			if (&this_cpu() != &cpu)
				strayed++;
		}
	}

	const int rounds = GetParam() == Engine::fibers ? 50000 : 2000;
	std::array<Task, 4> tasks;
	std::array<std::atomic<Task *>, 4> queue{};
	std::atomic<int> left{ 4 };
	std::atomic<int> strayed{ 0 };
	Context *idle[2] = { &main, nullptr };
};

TEST_P(FreeHandover, TasksMigrateBetweenThreadsThatRunAtOnce)
{
	for (Task &task : tasks) {
		start(task, body);
		offer(task);
	}

	Context second;
	std::latch both{ 2 };

	idle[1] = &second;
	std::thread other([&] {
		adopt(second, cpus[1]);
		both.arrive_and_wait();
		run(cpus[1]);
		executor->release(second);
	});

	both.arrive_and_wait();
	run(cpus[0]);
	other.join();
	EXPECT_EQ(strayed, 0);
	for (Task &task : tasks) {
		EXPECT_EQ(task.rounds, rounds);
		EXPECT_EQ(task.state, Context::finished);
	}
}

INSTANTIATE_TEST_SUITE_P(, Handover, kBothExecutors, executor_name);
INSTANTIATE_TEST_SUITE_P(, FreeHandover, kBothExecutors, executor_name);

} // namespace
} // namespace lazymm::machine
