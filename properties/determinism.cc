// SPDX-License-Identifier: MIT
// A run is a pure function of schedule and scheme: same input, same trace, bit for bit, again and
// again and on both engines.
#include "properties/specs.h"

namespace lazymm::properties
{
namespace
{

class Determinism : public testing::TestWithParam<const char *>
{
public:
	Setting setting{ GetParam(), 3 };
	Runner runner;
};

/// 1,000 runs: 50 schedules in turn, 20 times.
TEST_P(Determinism, AgainAndAgain)
{
	schedule::Rng rng(1);
	std::vector<Schedule> fixed(50);
	for (Schedule &s : fixed)
		s = random_schedule(rng, setting);
	std::vector<std::uint64_t> hashes(fixed.size());
	for (int round = 0; round < 20; round++)
		for (std::size_t i = 0; i < fixed.size(); i++) {
			const auto hash = run(runner, fixed[i], kRecorded).trace->hash();
			if (round == 0)
				hashes[i] = hash;
			ASSERT_EQ(hash, hashes[i]) << schedule::to_text(fixed[i]);
		}
}

TEST_P(Determinism, OnBothEngines)
{
	Runner threads(Engine::threads);
	Coverage switches;
	for_all(1000, setting, [&](const Schedule &s) {
		const Result &one = run(runner, s, kRecorded);
		expect_same(one, run(threads, s, kRecorded));
		switches.count(happened(one, kernel::EventKind::switched));
	});
	switches.expect(0.5, "a context switch");
}

INSTANTIATE_TEST_SUITE_P(, Determinism, testing::Values("refcount", "lazymm-2021", "lazymm-2022"),
			 scheme_name);

} // namespace
} // namespace lazymm::properties
