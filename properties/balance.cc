// SPDX-License-Identifier: MIT
// mm_count is balanced: at every step it is what was grabbed less what was dropped, an mm is freed
// when it falls to zero and not before, and at quiescence every reference left has a holder (the
// mm-count oracle).
#include "properties/specs.h"

namespace lazymm::properties
{
namespace
{

using kernel::EventKind;

class Balance : public testing::TestWithParam<Setting>
{
};

/// Holds the events of an mm against a count kept apart.
void expect_balance(const Result &result)
{
	std::vector<int> counts(64, 1);
	for (const machine::Event &note : result.trace->events) {
		const kernel::KernelEvent e = kernel::from_note(note);
		if (!note.note || !e.mm || e.mm.number() == 0) // init_mm is for ever
			continue;
		int &count = counts.at(e.mm.number());
		count += e.kind == EventKind::grab ? e.value : 0;
		count -= e.kind == EventKind::drop ? e.value : 0;
		if (e.kind == EventKind::grab || e.kind == EventKind::drop)
			RC_ASSERT(count == e.count);
		if (e.kind == EventKind::free_mm)
			RC_ASSERT(count == 0);
	}
}

TEST_P(Balance, OfMmCount)
{
	Runner runner;
	RunOptions options = kRecorded;
	options.oracles = { "mm-count" };
	Coverage frees;
	for_all(10'000, GetParam(), [&](const Schedule &s) {
		const Result &result = run(runner, s, options);
		RC_ASSERT(result.outcome == Outcome::completed && !result.finding);
		expect_balance(result);
		frees.count(happened(result, EventKind::free_mm));
	});
	frees.expect(0.05, "an mm that is freed");
}

INSTANTIATE_TEST_SUITE_P(, Balance, testing::ValuesIn(correct_settings()), setting_name);

} // namespace
} // namespace lazymm::properties
