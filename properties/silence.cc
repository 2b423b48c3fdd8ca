// SPDX-License-Identifier: MIT
// Correct schemes: no oracle ever speaks, whatever is done under whichever strategy.
#include "fuzz/lazymm/tsan_reports.h"
#include "properties/specs.h"

namespace lazymm::properties
{
namespace
{

using kernel::EventKind;

class Silence : public testing::TestWithParam<Setting>
{
};

TEST_P(Silence, WhateverIsDone)
{
	Runner runner;
	Coverage switches, exits, offline;
	const int before = lazymm_tsan_reports;
	for_all(20'000, GetParam(), [&](const Schedule &s) {
		const Result &result = run(runner, s, kRecorded);
		if (result.finding)
			RC_FAIL(result.finding->kind + ": " + result.finding->text);
		RC_ASSERT(result.outcome == Outcome::completed);
		// TSan knows acquire and release by word, and no fences: what it says of schemes
		// that lean on those is not always so. The clocks (data-race) judge all of them.
		if (!GetParam().user)
			RC_ASSERT(lazymm_tsan_reports == before);
		switches.count(happened(result, EventKind::switched));
		exits.count(happened(result, EventKind::free_mm));
		offline.count(happened(result, EventKind::hotplug));
	});
	switches.expect(0.5, "a context switch");
	exits.expect(0.05, "an mm that is freed");
	if (GetParam().with_hotplug)
		offline.expect(0.04, "hotplug");
}

INSTANTIATE_TEST_SUITE_P(, Silence, testing::ValuesIn(correct_settings()), setting_name);

} // namespace
} // namespace lazymm::properties
