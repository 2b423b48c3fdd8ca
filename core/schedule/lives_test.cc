// SPDX-License-Identifier: MIT
#include "core/schedule/lives.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/schedule/limits.h"
#include "core/schedule/text.h"

namespace lazymm::schedule
{
namespace
{

TEST(Lives, AreSchedulesThatAreDrawnAndKept)
{
	Rng rng(1), same(1);
	std::set<std::string> different;
	for (unsigned i = 0; i < 1000; i++) {
		const unsigned cpus = 1 + i % kMaxCpus;
		const Schedule lives = random_lives(rng, cpus);
		ASSERT_EQ(lives, random_lives(same, cpus));
		ASSERT_EQ(lives.cpus.size(), cpus);
		ASSERT_FALSE(lives.search);
		ASSERT_TRUE(within_limits(lives));
		different.insert(to_text(lives));
	}
	EXPECT_GT(different.size(), 900u);
}

TEST(Lives, EveryOneIsBornAndDies)
{
	Rng rng(2);
	for (unsigned i = 0; i < 200; i++) {
		unsigned born = 0, died = 0;
		for (const auto &script : random_lives(rng, 3).cpus) {
			for (const Op &op : script) {
				born += op.kind == OpKind::fork;
				died += op.kind == OpKind::exit;
				ASSERT_LE(op.decisions.size(), 1u);
				for (const Decision &d : op.decisions)
					ASSERT_TRUE(d.at == 1 && d.kind == DecisionKind::run);
			}
		}
		ASSERT_GE(born, 2u);
		ASSERT_LE(born, 4u);
		ASSERT_EQ(died, born);
	}
}

} // namespace
} // namespace lazymm::schedule
