// SPDX-License-Identifier: MIT
// What the memory models differ in: store buffering shows from tso on, message passing without
// order under weak only. So that they include each other is no matter of their being the same.
#include <gtest/gtest.h>

#include "core/schedule/text.h"
#include "properties/outcomes.h"

namespace lazymm::properties
{
namespace
{

/// Whether the loads of the two threads can read `outcome`.
bool can_read(const std::string &one, const std::string &other, schedule::Memory memory,
	      const std::string &outcome)
{
	const auto parsed = schedule::parse_text("lazymm-schedule 1\nscheme refcount\n\ncpu0\n"
						 "  thread B\n" +
							 one + "cpu1\n  switch B\n" + other,
						 "test");
	Schedule s = std::get<Schedule>(parsed);
	s.memory = memory;
	Bench bench;
	const Property nothing{ .name = "test-only" };
	Case c(nothing, s, bench);
	return outcomes_of(c, s, 3000, outcome).contains(outcome);
}

using schedule::Memory;

TEST(MemoryModels, StoreBuffering)
{
	const std::string one = "  store_load x\n", other = "  store_load y\n";
	EXPECT_FALSE(can_read(one, other, Memory::sc, "0:0 1:0 "));
	EXPECT_TRUE(can_read(one, other, Memory::tso, "0:0 1:0 "));
	EXPECT_TRUE(can_read(one, other, Memory::weak, "0:0 1:0 "));
	EXPECT_TRUE(can_read(one, other, Memory::sc, "0:b1 1:a1 "));
}

TEST(MemoryModels, MessagePassing)
{
	const std::string one = "  store_store x\n", other = "  load_load y\n";
	EXPECT_FALSE(can_read(one, other, Memory::sc, "1:a2 1:0 "));
	EXPECT_FALSE(can_read(one, other, Memory::tso, "1:a2 1:0 "));
	EXPECT_TRUE(can_read(one, other, Memory::weak, "1:a2 1:0 "));
}

} // namespace
} // namespace lazymm::properties
