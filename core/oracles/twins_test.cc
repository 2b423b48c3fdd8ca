// SPDX-License-Identifier: MIT
// Every oracle has a busted twin that it must catch: reference counting with one thing wrong, and a
// schedule that shows it. On all of these schedules, and on random ones, the correct one is silent.
#include <string>

#include "core/harness/run.h"
#include "core/oracles/oracle_rig.h"
#include "core/schedule/edits.h"
#include "core/schedule/text.h"
#include "core/schemes/registry.h"

namespace lazymm::oracles
{

namespace
{

using namespace kernel;
using schemes::Expect;
using schemes::make;

// --- the twins ---

struct NoGrab final : Counted {
	void user_to_kernel(rq &, task_struct &prev, task_struct &next) override
	{
		next.active_mm.store(prev.active_mm.load());
	}
};

struct DropsTwice final : Counted {
	mm_ref take_prev_mm(rq &rq) override { return rq.prev_mm.load(); }
};

struct DropsUnderLock final : Counted {
	void kernel_to_user(rq &rq, task_struct &prev, task_struct &next) override
	{
		Counted::kernel_to_user(rq, prev, next);
		finish_lazy(rq, take_prev_mm(rq));
	}
};

struct DropsBeforeSwitch final : Counted {
	void kernel_to_user(rq &rq, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		prev.active_mm.store({});
		spin_unlock(rq.lock);
		finish_lazy(rq, mm);
		spin_lock(rq.lock);
		switch_mm_irqs_off(mm, READ_ONCE(next.mm));
	}
};

struct KeepsActive final : Counted {
	// The hardware leaves the mm, as in a flush handler; the task does not.
	void user_to_kernel(rq &, task_struct &prev, task_struct &next) override
	{
		next.active_mm.store(prev.active_mm.load());
		switch_mm_irqs_off(prev.active_mm.load(), init_mm());
	}
};

struct LeaksAtExit final : Counted {
	void exit_mm() override
	{
		if (mm_ref mm = READ_ONCE(current_task().mm))
			mmgrab_lazy_tlb(mm);
		Counted::exit_mm();
	}
};

struct FreesInSoftirq final : Counted {
	void mmdrop_async(mm_ref mm, Holder holder, int id, const Where &where) override
	{
		mmdrop(mm, holder, id, where);
	}
};

struct WaitsForCallbacks final : Counted {
	void cleanup_lazy_tlbs(mm_ref) override { rcu_barrier(); }
};

struct ReachesOver final : Counted {
	mm_ref take_prev_mm(rq &rq) override
	{
		mm_ref mm = Counted::take_prev_mm(rq);
		kernel::kernel().cpu_rq(0).prev_mm.store({});
		return mm;
	}
};

#define TWIN(type, name_)                                                                          \
	REGISTER_SCHEME({ .name = name_,                                                           \
			  .from = "a test",                                                        \
			  .summary = "a busted twin",                                              \
			  .expect = Expect::broken,                                                \
			  .make = make<type> })
REGISTER_SCHEME({ .name = "twin-correct",
		  .from = "a test",
		  .summary = "the correct twin",
		  .expect = Expect::sound,
		  .make = make<Counted> });
TWIN(NoGrab, "twin-no-grab");
TWIN(DropsTwice, "twin-drops-twice");
TWIN(DropsUnderLock, "twin-drops-under-lock");
TWIN(DropsBeforeSwitch, "twin-drops-before-switch");
TWIN(KeepsActive, "twin-keeps-active");
TWIN(LeaksAtExit, "twin-leaks-at-exit");
TWIN(FreesInSoftirq, "twin-frees-in-softirq");
TWIN(WaitsForCallbacks, "twin-waits-for-callbacks");
TWIN(ReachesOver, "twin-reaches-over");

// --- the schedules ---

// mm2's last user exits on CPU0 while CPU1 is lazy on it; then CPU1 switches to a user.
constexpr const char *kExitElsewhere = R"(
cpus 2
cpu0
  fork B
  fork C
  switch B    +1 run cpu1
  exit
  switch A
cpu1
  switch B
  switch kthread
  switch C    +1 run cpu0
)";

// CPU0 is lazy on mm2, whose last user has gone, and switches to a user.
constexpr const char *kLastReference = R"(
cpus 1
cpu0
  fork B
  switch B
  exit
  switch A
)";

// CPU0 goes lazy and comes back to the same mm, which lives on.
constexpr const char *kThereAndBack = R"(
cpus 2
cpu0
  switch kthread
  switch A
  fork B
  switch B
cpu1
  switch kthread
  switch B
)";

// The last reference is a signal_struct's.
constexpr const char *kOom = R"(
cpus 1
cpu0
  fork B
  oom B
  switch B
  exit
  switch A
)";

// CPU1 holds mm2's last reference when it goes down.
constexpr const char *kOffline = R"(
hotplug h1
cpus 2
cpu0
  fork B
  fork C      +1 run cpu1
  offline cpu1
cpu1
  switch B
  exit
)";

constexpr const char *const kSchedules[] = { kExitElsewhere, kLastReference, kThereAndBack, kOom,
					     kOffline };

struct Case {
	const char *scheme;
	const char *schedule;
	const char *oracle; ///< the only one that is asked
	const char *kind;
	const char *part; ///< of the text
};

[[maybe_unused]] const Case kCases[] = {
	{ "no-grab", kExitElsewhere, "page-table", "pgd-freed-while-loaded",
	  "CPU0 frees the pgd of mm2, which CPU1 has loaded, running kthread/1" },
	{ "no-grab", kExitElsewhere, "stale-active-mm", "active-mm-freed",
	  "CPU0 frees mm2, which is active_mm of kthread/1 on CPU1" },
	{ "no-grab", kExitElsewhere, "use-after-free", "mm_struct",
	  "follows a reference to mm2, which CPU0 freed" },
	{ "keeps-active", kExitElsewhere, "stale-active-mm", "active-mm-freed", "on CPU1" },
	{ "drops-twice", kThereAndBack, "mm-count", "live-mm-freed",
	  "The lazy reference of CPU0 was dropped by " },
	{ "drops-twice", kThereAndBack, "kernel-bug", "check_mm: Bad rss-counter state", "CPU" },
	{ "drops-under-lock", kLastReference, "context", "mmdrop-under-rq-lock", "__mmdrop(mm2)" },
	{ "drops-before-switch", kLastReference, "page-table", "pgd-freed-while-loaded",
	  "which it has loaded" },
	{ "leaks-at-exit", kLastReference, "mm-count", "leak",
	  "The lazy reference of CPU0 was taken by B on CPU0 (oracle_rig.h:" },
	{ "frees-in-softirq", kOom, "context", "mmdrop-in-softirq", "__mmdrop(mm2)" },
	{ "waits-for-callbacks", kOffline, "progress", "deadlock:cpus_read_lock",
	  "CPU0 (A) sleeps on cpus_read_lock" },
	{ "reaches-over", kThereAndBack, "data-race", "race:rq.prev_mm", "rq0.prev_mm" },
};

schedule::Schedule parse(const std::string &scheme, const char *text)
{
	auto parsed = schedule::parse_text("lazymm-schedule 1\nscheme " + scheme + text, "twins");
	if (auto *error = std::get_if<schedule::ParseError>(&parsed)) {
		ADD_FAILURE() << error->str();
		return {};
	}
	return std::get<schedule::Schedule>(parsed);
}

Result run(const schedule::Schedule &schedule, const RunOptions &options = {})
{
	static Runner runner;
	if (auto refused = runner.prepare(schedule)) {
		ADD_FAILURE() << refused->message;
		return {};
	}
	return runner.run(schedule, options);
}

std::string words(const Result &result)
{
	if (!result.finding)
		return "nothing was said, outcome " +
		       std::to_string(static_cast<int>(result.outcome));
	return result.finding->oracle + " " + result.finding->kind + ": " + result.finding->text;
}

#if !LAZYMM_TSAN // these races are real: TSan reports them itself
TEST(Twins, AreCaught)
{
	for (const Case &c : kCases) {
		SCOPED_TRACE(std::string(c.scheme) + " " + c.oracle);
		Result r = run(parse("twin-" + std::string(c.scheme), c.schedule),
			       { .oracles = { c.oracle } });
		ASSERT_TRUE(r.finding) << words(r);
		EXPECT_EQ(r.finding->oracle, c.oracle);
		EXPECT_EQ(r.finding->kind, c.kind) << words(r);
		EXPECT_NE(r.finding->text.find(c.part), std::string::npos) << words(r);
	}
}
#endif

#if !LAZYMM_TSAN // these races are real: TSan reports them itself
TEST(Twins, AreCaughtByWhoeverSpeaksFirst)
{
	for (const Case &c : kCases)
		EXPECT_TRUE(run(parse("twin-" + std::string(c.scheme), c.schedule)).finding)
			<< c.scheme;
}
#endif

TEST(Twins, TheCorrectOneIsSilent)
{
	for (const char *text : kSchedules) {
		Result r = run(parse("twin-correct", text));
		EXPECT_FALSE(r.finding) << words(r) << text;
		EXPECT_EQ(r.outcome, Outcome::completed) << text;
	}
}

TEST(Twins, TheCorrectOneIsSilentOnRandomSchedules)
{
	schedule::Rng rng(1);
	for (int i = 0; i < (LAZYMM_TSAN ? 1000 : 20000); i++) {
		schedule::Schedule s =
			schedule::random_schedule(rng, schedule::default_alphabet(), 2 + i % 2, 16);
		s.scheme = "twin-correct";
		s.mm = i % 3 ? schedule::MmMemory::pool : schedule::MmMemory::heap;
		s.hotplug = i % 5 ? schedule::Hotplug::h1 : schedule::Hotplug::h3;
		Result r = run(s);
		ASSERT_FALSE(r.finding) << words(r) << "\n" << schedule::to_text(s);
	}
}

TEST(Twins, FreeModeKnowsTheNumbersOnly)
{
	const RunOptions free{ .mode = Mode::free };
	for (int i = 0; i < 20; i++) {
		Result r = run(parse("twin-leaks-at-exit", kLastReference), free);
		ASSERT_TRUE(r.finding) << words(r);
		EXPECT_EQ(r.finding->kind, "leak");
		EXPECT_EQ(r.finding->text.find("was taken"), std::string::npos) << words(r);
		r = run(parse("twin-correct", kThereAndBack), free);
		EXPECT_FALSE(r.finding) << words(r);
	}
}

} // namespace
} // namespace lazymm::oracles
