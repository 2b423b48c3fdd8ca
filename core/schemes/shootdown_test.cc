// SPDX-License-Identifier: MIT
// CONFIG_DEBUG_VM_SHOOT_LAZIES: says so when a shot missed, and nothing otherwise.
#include "core/schemes/shootdown.h"

#include <gtest/gtest.h>

#include "core/harness/run.h"
#include "core/schedule/edits.h"
#include "core/schedule/text.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{

namespace
{
using namespace kernel;

struct Debug : shootdown {
	Debug() : shootdown(true) {}
};

/// Shoots at nobody but its own CPU.
struct DebugMisses final : Debug {
	std::uint32_t lazy_cpus(mm_ref) override { return 1u << smp_processor_id(); }
};

REGISTER_SCHEME({ .name = "shootdown-debug",
		  .from = "a test",
		  .summary = "with DEBUG_VM_SHOOT_LAZIES",
		  .expect = Expect::sound,
		  .make = make<Debug> });
REGISTER_SCHEME({ .name = "shootdown-debug-misses",
		  .from = "a test",
		  .summary = "with DEBUG_VM_SHOOT_LAZIES, and shots that miss",
		  .expect = Expect::broken,
		  .make = make<DebugMisses> });

// CPU1 is lazy on mm2 when its last user exits on CPU0.
constexpr const char *kShotWhileLazy = R"(lazymm-schedule 1
scheme shootdown-debug
cpus 2
cpu0
  fork B
  switch B    +1 run cpu1
  exit
cpu1
  switch B
  switch kthread
)";

Result run(const schedule::Schedule &schedule)
{
	static Runner runner;
	if (auto refused = runner.prepare(schedule)) {
		ADD_FAILURE() << refused->message;
		return {};
	}
	return runner.run(schedule, {});
}

schedule::Schedule shot_while_lazy(const char *scheme)
{
	auto parsed = schedule::parse_text(kShotWhileLazy, "shot while lazy");
	schedule::Schedule s = std::get<schedule::Schedule>(parsed);
	s.scheme = scheme;
	return s;
}

TEST(Shootdown, DebugSaysThatAShotMissed)
{
	Result missed = run(shot_while_lazy("shootdown-debug-misses"));
	ASSERT_TRUE(missed.finding);
	EXPECT_EQ(missed.finding->oracle, "stale-active-mm");
	EXPECT_NE(missed.finding->text.find("do_check_lazy_tlb"), std::string::npos)
		<< missed.finding->text;
	EXPECT_FALSE(run(shot_while_lazy("shootdown-debug")).finding);
}

TEST(Shootdown, DebugIsSilentOnRandomSchedules)
{
	schedule::Rng rng(1);
	for (int i = 0; i < (LAZYMM_TSAN ? 1000 : 20000); i++) {
		schedule::Schedule s =
			schedule::random_schedule(rng, schedule::default_alphabet(), 2 + i % 2, 16);
		s.scheme = "shootdown-debug";
		Result r = run(s);
		ASSERT_FALSE(r.finding) << r.finding->text << "\n" << schedule::to_text(s);
	}
}

} // namespace
} // namespace lazymm::schemes
