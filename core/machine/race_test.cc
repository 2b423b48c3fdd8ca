// SPDX-License-Identifier: MIT
// Races between two stepped CPUs, which never run at the same instant: seen by the machine's own
// vector clocks, and by TSan; and their correctly ordered twins, on which both are silent. Each in
// a process of its own. This file is instrumented: it plays the kernel.
#include <cstdlib>

#include "core/machine/machine_rig.h"

namespace lazymm::machine
{
namespace
{

Plain<int> data{ "data", nullptr };
Shared<int> flag{ "flag", nullptr };
Shared<int> other{ "other", nullptr };
int bare; // what only TSan knows

void mb()
{
	this_machine().barrier(AccessKind::mb, &LAZYMM_SITE("race_test: mb", mb), Where::current());
}
void wmb()
{
	this_machine().barrier(AccessKind::wmb, &LAZYMM_SITE("race_test: wmb", wmb),
			       Where::current());
}
void rmb()
{
	this_machine().barrier(AccessKind::rmb, &LAZYMM_SITE("race_test: rmb", rmb),
			       Where::current());
}
void release(int n = 1)
{
	flag.store(n, Order::release, &LAZYMM_SITE("race_test: release", release));
}
void acquire()
{
	flag.load(Order::acquire, &LAZYMM_SITE("race_test: acquire", acquire));
}
int add(Order order)
{
	return static_cast<int>(flag.rmw(RmwOp::add, 1, order, &LAZYMM_SITE("race_test: rmw", rmw),
					 Where::current()));
}

/// TSan does not model fences. The machine shows it a barrier as an RMW of one word for all, so
/// that it is ordered with later barriers, too much so: silent where there is a race. And it tells
/// it of what is ordered by way of a barrier on either side.
enum Seen { silent, race, race_without_tsan };

/// cpu0 does its part to the end, then cpu1, then cpu2.
struct Case {
	const char *name;
	Seen seen;
	void (*first)();
	void (*second)();
	void (*third)() = nullptr;
	const char *weaken = nullptr;
};

void write()
{
	data.store(data.peek() + 1);
	bare++;
}
void read()
{
	data.load();
	// A read that the compiler must make.
	static_cast<void>(*const_cast<volatile int *>(&bare));
}
void flag_relaxed()
{
	flag.store(1, Order::relaxed);
}
void saw_relaxed()
{
	flag.load(Order::relaxed);
}
void other_full()
{
	other.rmw(RmwOp::add, 1, Order::full, nullptr, Where::current());
}

// clang-format off
const Case kCases[] = {
	// A race in both directions, and of two writes.
	{ "WriteThenRead", race, [] { write(); }, [] { read(); } },
	{ "WriteThenWrite", race, [] { write(); }, [] { write(); } },
	{ "ReadThenWrite", race, [] { read(); }, [] { write(); } },
	{ "TwoReadersThenWrite", race,
	  [] { read(); release(); }, [] { read(); }, [] { acquire(); write(); } },
	{ "TwoReads", silent, [] { read(); }, [] { read(); } },
	// Release and acquire.
	{ "ReleaseAcquire", silent, [] { write(); release(); }, [] { acquire(); write(); } },
	{ "ReleaseAcquireOfARead", silent, [] { read(); release(); }, [] { acquire(); write(); } },
	{ "ReleaseRelaxed", race, [] { write(); release(); }, [] { saw_relaxed(); write(); } },
	{ "RelaxedAcquire", race, [] { write(); flag_relaxed(); }, [] { acquire(); write(); } },
	{ "AcquireOfAnother", race,
	  [] { write(); release(); }, [] { other.load(Order::acquire); write(); } },
	{ "WriteAfterRelease", race, [] { release(); write(); }, [] { acquire(); write(); } },
	{ "WriteBeforeAcquire", race, [] { write(); release(); }, [] { write(); acquire(); } },
	{ "Transitive", silent,
	  [] { write(); release(); },
	  [] { acquire(); other.store(1, Order::release); },
	  [] { other.load(Order::acquire); write(); } },
	{ "ReleaseOfWhatWasSeen", silent,
	  [] { write(); release(); },
	  [] { saw_relaxed(); other.store(1, Order::release); },
	  [] { other.load(Order::acquire); write(); } },
	// Barriers.
	{ "Mb", silent,
	  [] { write(); mb(); flag_relaxed(); }, [] { saw_relaxed(); mb(); write(); } },
	{ "MbOnOneSide", race,
	  [] { write(); mb(); flag_relaxed(); }, [] { saw_relaxed(); write(); } },
	{ "MbAfterTheStore", race,
	  [] { write(); flag_relaxed(); mb(); }, [] { acquire(); write(); } },
	{ "WmbRmb", silent,
	  [] { write(); wmb(); flag_relaxed(); }, [] { saw_relaxed(); rmb(); write(); } },
	{ "WmbAcquire", silent,
	  [] { write(); wmb(); flag_relaxed(); }, [] { acquire(); write(); } },
	{ "ReleaseRmb", silent,
	  [] { write(); release(); }, [] { saw_relaxed(); rmb(); write(); } },
	{ "ReleaseMb", silent,
	  [] { write(); release(); }, [] { saw_relaxed(); mb(); write(); } },
	{ "WriteBetweenReleaseAndRmb", race,
	  [] { release(); write(); }, [] { saw_relaxed(); rmb(); write(); } },
	{ "RmbBeforeTheLoad", race_without_tsan,
	  [] { write(); wmb(); flag_relaxed(); }, [] { rmb(); saw_relaxed(); write(); } },
	// Read-modify-writes.
	{ "RmwReleaseAcquire", silent,
	  [] { write(); add(Order::release); }, [] { add(Order::acquire); write(); } },
	{ "RmwFull", silent,
	  [] { write(); add(Order::full); }, [] { add(Order::full); write(); } },
	{ "RmwFullIsABarrierBeforeAStore", silent,
	  [] { write(); other_full(); flag_relaxed(); }, [] { acquire(); write(); } },
	{ "RmwFullIsABarrierBehindALoad", silent,
	  [] { write(); wmb(); flag_relaxed(); }, [] { saw_relaxed(); other_full(); write(); } },
	{ "RmwReleaseThenRmb", silent,
	  [] { write(); add(Order::release); }, [] { saw_relaxed(); rmb(); write(); } },
	{ "RmwRelaxedThenStore", race,
	  [] { write(); add(Order::relaxed); flag_relaxed(); }, [] { acquire(); write(); } },
	{ "RmwRelaxed", race,
	  [] { write(); add(Order::relaxed); }, [] { add(Order::relaxed); write(); } },
	{ "ReleaseSequence", silent,
	  [] { write(); release(); }, [] { add(Order::relaxed); }, [] { acquire(); write(); } },
	{ "ReleaseSequenceIsNoAcquire", race,
	  [] { write(); release(); }, [] { add(Order::relaxed); write(); } },
	// TSan takes a relaxed store to go on with a release sequence.
	{ "ReleaseSequenceBroken", race_without_tsan,
	  [] { write(); release(); }, [] { flag_relaxed(); }, [] { acquire(); write(); } },
	{ "FailedCmpxchgOrdersNothing", race,
	  [] { write(); release(); },
	  [] {
		  flag.rmw(RmwOp::compare_exchange, 8, Order::full, nullptr, Where::current(), 7);
		  write();
	  } },
	// Weakened sites.
	{ "WeakenedRelease", race,
	  [] { write(); release(); }, [] { acquire(); write(); }, nullptr, "race_test: release" },
	{ "WeakenedAcquire", race,
	  [] { write(); release(); }, [] { acquire(); write(); }, nullptr, "race_test: acquire" },
	{ "WeakenedMb", race,
	  [] { write(); mb(); flag_relaxed(); }, [] { saw_relaxed(); mb(); write(); }, nullptr,
	  "race_test: mb" },
	{ "WeakenedWmb", race,
	  [] { write(); wmb(); flag_relaxed(); }, [] { acquire(); write(); }, nullptr,
	  "race_test: wmb" },
	{ "WeakenedRmb", race,
	  [] { write(); release(); }, [] { saw_relaxed(); rmb(); write(); }, nullptr,
	  "race_test: rmb" },
	{ "WeakenedRmw", race,
	  [] { write(); add(Order::full); }, [] { add(Order::full); write(); }, nullptr,
	  "race_test: rmw" },
};
// clang-format on

class Races : public testing::TestWithParam<std::tuple<Engine, Case>>
{
public:
	Races()
	{
		GTEST_FLAG_SET(death_test_style, "threadsafe");
		setenv("TSAN_OPTIONS", "halt_on_error=0:exitcode=66:atexit_sleep_ms=0", 1);
	}

	/// Ends with 1 if the machine saw a race, 0 if not; with 66 if TSan did.
	[[noreturn]] void run(bool recorded)
	{
		auto [engine, c] = GetParam();
		Rig rig(engine);
		if (recorded)
			rig.trace = std::make_unique<Trace>();
		if (c.weaken)
			Site::find(c.weaken)->weaken(true);
		rig.cpu[0] = c.first;
		rig.cpu[1] = c.second;
		if (c.third)
			rig.cpu[2] = c.third;
		const Outcome outcome = rig.run(3);
		std::fprintf(stderr, "machine: %s\n",
			     outcome == Outcome::race	     ? "race"
			     : outcome == Outcome::completed ? "silent"
							     : "?");
		std::exit(outcome == Outcome::race);
	}
};

TEST_P(Races, AreSeenAndTheirTwinsAreNot)
{
	const Seen seen = std::get<1>(GetParam()).seen;
	const bool raced = seen == race || seen == race_without_tsan;
	const bool tsan = LAZYMM_TSAN && seen == race;
	const std::string said = std::string(tsan ? "data race.*" : "^") +
				 (raced ? "machine: race" : "machine: silent");
	const int status = tsan ? 66 : raced;
	EXPECT_EXIT(run(false), testing::ExitedWithCode(status), said);
	EXPECT_EXIT(run(true), testing::ExitedWithCode(status), said);
}

INSTANTIATE_TEST_SUITE_P(, Races, testing::Combine(kEngines, testing::ValuesIn(kCases)),
			 [](const auto &info) {
				 return std::string(std::get<1>(info.param).name) +
					(std::get<0>(info.param) == Engine::fibers ? "_fibers"
										   : "_threads");
			 });

/// Compiled accesses that the machine knows nothing of.
class BareRaces : public Races
{
public:
	[[noreturn]] void run_bare(bool ordered)
	{
		Rig rig(std::get<0>(GetParam()));
		// In turn, and several runs: the end of one is ordered before the next.
		for (int i = 0; i < 10; i++) {
			flag.init(0);
			rig.cpu[0] = [=] {
				write_bare();
				flag.store(1, ordered ? Order::release : Order::relaxed);
				saw_relaxed();
			};
			rig.cpu[1] = [=] {
				if (flag.load(ordered ? Order::acquire : Order::relaxed))
					write_bare();
			};
			rig.decide(0, 2, { Choice::run, 1 });
			rig.run();
		}
		std::exit(bare == 20 ? 0 : 1);
	}
	[[gnu::noinline]] static void write_bare() { bare++; }
};

TEST_P(BareRaces, AreSeenByTsan)
{
	if (LAZYMM_TSAN)
		EXPECT_EXIT(run_bare(false), testing::ExitedWithCode(66), "data race.*write_bare");
	else
		EXPECT_EXIT(run_bare(false), testing::ExitedWithCode(0), "");
}

TEST_P(BareRaces, ThatAreOrderedAreSilent)
{
	EXPECT_EXIT(run_bare(true), testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(, BareRaces, testing::Combine(kEngines, testing::Values(Case{})),
			 [](const auto &info) {
				 return std::get<0>(info.param) == Engine::fibers ? "fibers"
										  : "threads";
			 });

#if !LAZYMM_TSAN // which would speak too; see above

class RaceReports : public OnBothEngines
{
};

TEST_P(RaceReports, AnEndedRunNamesBothSides)
{
	data.init(0);
	rig.cpu[0] = [] { data.load(); };
	rig.cpu[2] = [] { data.store(1); };
	EXPECT_EQ(rig.run(3), Outcome::race);
	const RaceReport &r = machine.race();
	EXPECT_EQ(r.location, &data);
	EXPECT_EQ(r.kind, AccessKind::plain_store);
	EXPECT_EQ(r.cpu, 2);
	EXPECT_EQ(r.other_cpu, 0);
	EXPECT_FALSE(r.other_wrote);
	EXPECT_NE(std::string(r.file).find("race_test.cc"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(, RaceReports, kEngines, engine_name);

#endif

} // namespace
} // namespace lazymm::machine
