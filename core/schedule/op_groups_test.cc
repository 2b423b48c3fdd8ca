// SPDX-License-Identifier: MIT
#include "core/schedule/op_groups.h"

#include <gtest/gtest.h>

namespace lazymm::schedule
{
namespace
{

TEST(OpGroups, AreKnownByName)
{
	for (const std::string_view name : group_names()) {
		Alphabet alphabet{};
		EXPECT_TRUE(add_operations(alphabet, name)) << name;
		EXPECT_GT(alphabet[OpKind::switch_to], 0) << name; // without which nothing is lazy
	}
	Alphabet alphabet{};
	EXPECT_FALSE(add_operations(alphabet, "tabels"));
	EXPECT_EQ(alphabet.weight, Alphabet{}.weight);
}

TEST(OpGroups, HaveWhatTheyAreAbout)
{
	EXPECT_GT(alphabet_for("hotplug")[OpKind::offline], 0);
	EXPECT_GT(alphabet_for("membarrier")[OpKind::store_load], 0);
	EXPECT_GT(alphabet_for("sync-core")[OpKind::run_code], 0);
	EXPECT_EQ(alphabet_for("sync-core")[OpKind::store], 0);
	EXPECT_GT(alphabet_for("mm-cid")[OpKind::cid_work], 0);
	EXPECT_GT(alphabet_for("tables")[OpKind::free_table], 0);
	EXPECT_EQ(alphabet_for("tables")[OpKind::offline], 0);
	const Alphabet all = alphabet_for("all");
	for (unsigned kind = 0; kind < kOpKinds; kind++)
		EXPECT_GT(all.weight[kind], 0) << kind;
}

TEST(OpGroups, AddUp)
{
	const Alphabet both = alphabet_for("tables,hotplug");
	EXPECT_GT(both[OpKind::free_table], 0);
	EXPECT_GT(both[OpKind::offline], 0);
	EXPECT_EQ(both[OpKind::membarrier], 0);
	const Alphabet single = alphabet_for("switch,unmap");
	EXPECT_EQ(single[OpKind::switch_to], default_alphabet()[OpKind::switch_to]);
	EXPECT_EQ(single[OpKind::exec], 0);
	EXPECT_EQ(alphabet_for(nullptr).weight, default_alphabet().weight);
}

TEST(OpGroupsDeathTest, OfThisProgramAreKnown)
{
	EXPECT_DEATH(alphabet_for("switch,tabels"), "no operations \"tabels\"");
	EXPECT_DEATH(alphabet_for(""), "no operations \"\"");
}

} // namespace
} // namespace lazymm::schedule
