// SPDX-License-Identifier: MIT
// The oracles of membarrier: each with a twin that is broken and must be caught, and silence on
// what is not.
#include "core/harness/run.h"
#include "core/kernel/membarrier.h"
#include "core/oracles/oracle_rig.h"
#include "core/schedule/edits.h"
#include "core/schedule/text.h"
#include "core/schemes/registry.h"

namespace lazymm::oracles
{

namespace
{

using namespace kernel;

// --- membarrier-order: values that sc cannot show, told by hand ---

task_ref task(unsigned slot)
{
	return kernel::kernel().ref(kernel::kernel().task(slot));
}

void tell(EventKind kind, unsigned slot, int var = 0, int value = 0)
{
	emit({ .kind = kind, .mm = mm1(), .count = var, .value = value, .task = task(slot) });
}

constexpr int x = 0, y = 1;
constexpr unsigned a = 0, b = 1; // A calls, B is covered

void store(unsigned who, int var, int number)
{
	tell(EventKind::user_store, who, var, number);
}
void load(unsigned who, int var, int number)
{
	tell(EventKind::user_load, who, var, number);
}
void barrier(unsigned who)
{
	tell(EventKind::user_barrier, who);
}
void call(unsigned who, int result = 0)
{
	tell(EventKind::membarrier_call, who);
	tell(EventKind::membarrier_return, who, result);
}

TEST(MembarrierOrder, ScenarioA)
{
	EXPECT_SAYS(say("membarrier-order",
			[] {
				store(a, x, 1);
				call(a);
				load(a, y, 0);
				store(b, y, 2);
				barrier(b);
				load(b, x, 0);
			}),
		    "cycle:private", "membarrier(private) of A");
}

TEST(MembarrierOrder, ScenarioB)
{
	EXPECT_SAYS(say("membarrier-order",
			[] {
				store(b, x, 1);
				barrier(b);
				store(b, y, 2);
				load(a, y, 2);
				call(a);
				load(a, x, 0);
			}),
		    "cycle:private", "B's 'store x'");
}

TEST(MembarrierOrder, OnlyStores)
{
	EXPECT_SAYS(say("membarrier-order",
			[] {
				store(a, x, 1);
				store(b, y, 2);
				barrier(b);
				load(b, x, 0);
				call(a);
				load(a, y, 0);
			}),
		    "cycle:private", "'load y'");
}

TEST(MembarrierOrder, SilentWithoutAPromise)
{
	// No barrier() in B.
	EXPECT_SILENT(say("membarrier-order", [] {
		store(a, x, 1);
		call(a);
		load(a, y, 0);
		store(b, y, 2);
		load(b, x, 0);
	}));
	// The call was refused.
	EXPECT_SILENT(say("membarrier-order", [] {
		store(a, x, 1);
		call(a, -kEPERM);
		load(a, y, 0);
		store(b, y, 2);
		barrier(b);
		load(b, x, 0);
	}));
	// B sees it.
	EXPECT_SILENT(say("membarrier-order", [] {
		store(a, x, 1);
		call(a);
		load(a, y, 0);
		store(b, y, 2);
		barrier(b);
		load(b, x, 1);
	}));
}

// --- the others, on the planted bugs and on what is sound ---

const Result &run(const std::string &scheme, const std::string &bug, const std::string &text,
		  const RunOptions &options = {})
{
	static Runner runner;
	static Schedule s;
	auto parsed = schedule::parse_text("lazymm-schedule 1\nscheme " + scheme + "\n" +
						   (bug.empty() ? "" : "bug " + bug + "\n") + text,
					   "test");
	if (auto *error = std::get_if<schedule::ParseError>(&parsed)) {
		ADD_FAILURE() << error->str();
		std::abort();
	}
	s = std::get<Schedule>(std::move(parsed));
	EXPECT_FALSE(runner.prepare(s));
	return runner.run(s, options);
}

// B goes through a kernel thread while A has read that it runs.
constexpr const char *kThroughKthread = R"(
cpus 2
cpu0
  thread B
  register private
  store x         +1 run cpu1
  membarrier private
  store x         +1 run cpu1
  store x
cpu1
  switch B
  switch kthread  +1 run cpu0
  switch B
  store y
)";

constexpr const char *kExitThenSibling = R"(
cpus 2
cpu0
  thread B
  thread C
  register global-expedited
  store x         +1 run cpu1
  membarrier global-expedited
cpu1
  switch B
  exit
  switch C
  load x          +1 run cpu0
  load y
)";

constexpr const char *kUseThenUser = R"(
cpus 2
cpu0
  thread B
  register sync-core  +1 run cpu1
  patch
  membarrier sync-core
cpu1
  switch B
  switch kthread
  use_mm A        +1 run cpu0
  switch B
  run_code
)";

constexpr const char *kExec = "cpus 1\ncpu0\n  register private\n  exec\n  membarrier private\n";

#if !LAZYMM_TSAN
TEST(Membarrier, WhatLinux612LacksIsFound)
{
	for (const char *scheme : { "linux-6.12", "lazymm-2021" }) {
		const Result &r = run(scheme, "", kExitThenSibling);
		ASSERT_TRUE(r.finding) << scheme;
		EXPECT_EQ(r.finding->oracle, "membarrier-fence");
		EXPECT_EQ(r.finding->kind, "no-barrier:global-expedited");
		const Result &core = run(scheme, "", kUseThenUser);
		ASSERT_TRUE(core.finding) << scheme;
		EXPECT_EQ(core.finding->oracle, "core-serialised");
	}
}

TEST(Membarrier, TwinsAreCaught)
{
	const Result &leak = run("refcount", "mb-exec-state-leak", kExec);
	ASSERT_TRUE(leak.finding);
	EXPECT_EQ(leak.finding->oracle, "membarrier-api");
	const Result &skipped = run("refcount", "mb-sync-core-caller-skipped",
				    "cpus 1\ncpu0\n  register sync-core\n  patch\n"
				    "  membarrier sync-core\n  run_code\n");
	ASSERT_TRUE(skipped.finding);
	EXPECT_EQ(skipped.finding->kind, "stale-code");
}
#endif

TEST(Membarrier, TheRepairedOnesAreSilent)
{
	for (const char *scheme : { "refcount", "lazymm-2022" })
		for (const char *text :
		     { kThroughKthread, kExitThenSibling, kUseThenUser, kExec }) {
			const Result &r = run(scheme, "", text);
			EXPECT_FALSE(r.finding) << scheme << r.finding->text << text;
			EXPECT_EQ(r.outcome, Outcome::completed);
		}
}

TEST(Membarrier, TheRepairedOnesAreSilentOnRandomSchedules)
{
	Runner runner;
	schedule::Rng rng(7);
	for (int i = 0; i < (LAZYMM_TSAN ? 500 : LAZYMM_ASAN ? 5000 : 40000); i++) {
		Schedule s = schedule::random_schedule(rng, schedule::membarrier_alphabet(),
						       2 + i % 2, 40);
		s.scheme = i % 4 < 2 ? "refcount" : "lazymm-2022";
		ASSERT_FALSE(runner.prepare(s));
		const Result &r = runner.run(s);
		ASSERT_FALSE(r.finding) << r.finding->text << "\n" << schedule::to_text(s);
		ASSERT_EQ(r.outcome, Outcome::completed) << schedule::to_text(s);
	}
}

} // namespace
} // namespace lazymm::oracles
