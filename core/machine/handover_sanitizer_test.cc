// SPDX-License-Identifier: MIT
// What sanitizers see through a hand-over. This file is instrumented: it plays the kernel.
#include <atomic>
#include <cstdlib>

#include "core/machine/handover_test.h"

namespace lazymm::machine
{
namespace
{

// What TSan sees of two tasks on two CPUs that run one after the other. In a process of its own,
// which ends at the first report.
class HandoverOrder : public Handover
{
public:
	HandoverOrder()
	{
		GTEST_FLAG_SET(death_test_style, "threadsafe");
		setenv("TSAN_OPTIONS", "halt_on_error=1:exitcode=66:atexit_sleep_ms=0", 1);
	}

	/// Several runs in a row: the end of one is ordered before the beginning of the next.
	[[noreturn]] void writes_in_turn(Edge between, bool use_flag)
	{
		edge = between;
		flagged = use_flag;
		for (int i = 0; i < 10; i++) {
			start(a, [](Handover &t) {
				auto &test = static_cast<HandoverOrder &>(t);

				test.write_plain();
				if (test.flagged)
					test.flag.store(1, std::memory_order_release);
				test.go(test.a, test.b, test.edge);
			});
			start(
				b,
				[](Handover &t) {
					auto &test = static_cast<HandoverOrder &>(t);

					if (test.flagged &&
					    test.flag.load(std::memory_order_acquire) == 0)
						return;
					test.write_plain();
				},
				1);
			flag = 0;
			go(main, a);
			executor->retire(main, a);
		}
		std::exit(plain == 20 ? 0 : 1);
	}

	[[gnu::noinline]] void write_plain() { plain++; }

	Edge edge = Edge::none;
	bool flagged = false;
	std::atomic<int> flag{ 0 };
	int plain = 0;
};

TEST_P(HandoverOrder, UnorderedWritesAreARace)
{
#if LAZYMM_TSAN
	EXPECT_EXIT(writes_in_turn(Edge::none, false), testing::ExitedWithCode(66),
		    "data race .*write_plain");
#else
	EXPECT_EXIT(writes_in_turn(Edge::none, false), testing::ExitedWithCode(0), "");
#endif
}

TEST_P(HandoverOrder, ReleaseAndAcquireOrderThem)
{
	EXPECT_EXIT(writes_in_turn(Edge::none, true), testing::ExitedWithCode(0), "");
}

TEST_P(HandoverOrder, EdgeSyncOrdersThem)
{
	EXPECT_EXIT(writes_in_turn(Edge::sync, false), testing::ExitedWithCode(0), "");
}

#if LAZYMM_ASAN

class HandoverMemory : public Handover
{
public:
	HandoverMemory() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

	/// Task b reads what a leaves in `word`, after a hand-over.
	void read_of(void (*body)(Handover &))
	{
		start(a, body);
		start(b, [](Handover &t) {
			t.count = *static_cast<HandoverMemory &>(t).word;
			t.go(t.b, t.a);
		});
		go(main, a);
		std::exit(0);
	}

	static void hand_to_b(Handover &t) { t.go(t.a, t.b); }

	volatile int *volatile word = nullptr;
};

TEST_P(HandoverMemory, UseAfterFree)
{
	EXPECT_DEATH(read_of([](Handover &t) {
			     auto *word = new int(1);

			     static_cast<HandoverMemory &>(t).word = word;
			     delete word;
			     hand_to_b(t);
		     }),
		     "AddressSanitizer: heap-use-after-free");
}

TEST_P(HandoverMemory, UseAfterScope)
{
	EXPECT_DEATH(read_of([](Handover &t) {
			     {
				     int word = 1;

				     static_cast<HandoverMemory &>(t).word = &word;
			     }
			     hand_to_b(t);
		     }),
		     "AddressSanitizer: stack-use-after-scope");
}

[[gnu::noinline]] void leave_local(HandoverMemory &t)
{
	int word = 1;

	t.word = &word;
}

TEST_P(HandoverMemory, UseAfterReturn)
{
	EXPECT_DEATH(read_of([](Handover &t) {
			     leave_local(static_cast<HandoverMemory &>(t));
			     hand_to_b(t);
		     }),
		     "AddressSanitizer: stack-use-after-return");
}

INSTANTIATE_TEST_SUITE_P(, HandoverMemory, kBothExecutors, executor_name);

#endif // LAZYMM_ASAN

INSTANTIATE_TEST_SUITE_P(, HandoverOrder, kBothExecutors, executor_name);

} // namespace
} // namespace lazymm::machine
