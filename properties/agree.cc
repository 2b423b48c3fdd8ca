// SPDX-License-Identifier: MIT
// Sound schemes agree with no-lazy in what user space can observe: the same operations, one after
// the other, give the same system call results, the same values, the same mms.
#include "core/harness/observe.h"
#include "core/schemes/registry.h"
#include "properties/specs.h"

namespace lazymm::properties
{
namespace
{

using kernel::EventKind;

std::vector<const char *> sound_schemes()
{
	std::vector<const char *> names;
	for (const schemes::SchemeInfo *info : schemes::all_schemes())
		if (info->expect == schemes::Expect::sound)
			names.push_back(info->name);
	return names;
}

class Agree : public testing::TestWithParam<const char *>
{
};

TEST_P(Agree, WithNoLazy)
{
	Runner runner, reference;
	Coverage freed, called;
	for_all(10000, { .scheme = GetParam(), .cpus = 3, .user = true }, [&](const Schedule &s) {
		Schedule other = s;
		other.scheme = "no-lazy";
		RC_ASSERT(!runner.prepare(s) && !reference.prepare(other));
		Observed here, there;
		const Result result = run_in_turn(runner, s, here);
		run_in_turn(reference, other, there);
		RC_ASSERT(result.outcome == Outcome::completed);
		RC_ASSERT(here.lines == there.lines);
		freed.count(happened(result, EventKind::free_mm));
		called.count(happened(result, EventKind::membarrier_return));
	});
	freed.expect(0.05, "an mm that is freed");
	called.expect(0.1, "a call of membarrier(2)");
}

INSTANTIATE_TEST_SUITE_P(, Agree, testing::ValuesIn(sound_schemes()), scheme_name);

} // namespace
} // namespace lazymm::properties
