// SPDX-License-Identifier: MIT
// What a strategy decided, written down without the strategy, is the same run: witnesses depend on
// nobody's random numbers.
#include "properties/specs.h"

namespace lazymm::properties
{
namespace
{

class Explicit : public testing::TestWithParam<const char *>
{
};

TEST_P(Explicit, IsTheSameRun)
{
	Runner runner;
	Coverage decided, found;
	for_all(5000, { GetParam(), 3 }, [&](const Schedule &s) {
		const Result first = run(runner, s, kRecorded);
		const Schedule written = made_explicit(s, first);
		RC_ASSERT(!written.search);
		expect_same(first, run(runner, written, kRecorded));
		decided.count(!first.taken.empty());
		found.count(first.finding.has_value());
	});
	decided.expect(0.5, "a decision");
	if (GetParam() == std::string("lazymm-2021"))
		found.expect(0.02, "a finding");
}

INSTANTIATE_TEST_SUITE_P(, Explicit, testing::Values("refcount", "lazymm-2021", "lazymm-2022"),
			 scheme_name);

} // namespace
} // namespace lazymm::properties
