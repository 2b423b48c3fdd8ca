// SPDX-License-Identifier: MIT
#include "core/report/columns.h"

#include "core/report/golden_test.h"

#include <sstream>

namespace lazymm::report
{
namespace
{

using Kind = Row::Kind;

std::vector<Row> rows()
{
	return {
		{ Kind::step, 1, "switch A", "(mm1)" },
		{ Kind::step, 1, "switch kthread", "(lazy mm1)" },
		{ Kind::step, 0, "exit", "(A, mm1)" },
		{ Kind::event, 0, "mm1.mm_users 1 -> 0", "" },
		{ Kind::access, 0, "smp_store_release(stop_machine.arrived, 1)", "" },
		{ Kind::marker, 0, "-- cpu1 goes first --", "" },
		{ Kind::step, 1, "use_mm A", "(kthread/1, lazy init_mm)" },
		{ Kind::event, 1, "mm1.mm_count 1 -> 2 (use_mm kthread/1)", "" },
		{ Kind::access, 1, "smp_mb() /* __schedule: (D0) user accesses before rq->curr */",
		  "" },
		{ Kind::step, 0, "(exit goes on)", "" },
		{ Kind::event, 0, std::string(60, 'x'), "" },
		{ Kind::event, 0, "not ASCII: \xc3\xa9\n", "" },
		{ Kind::verdict, 1, "*** live-mm-freed", "" },
	};
}

std::size_t widest(const std::string &text)
{
	std::istringstream in(text);
	std::size_t width = 0;
	for (std::string line; std::getline(in, line);)
		width = std::max(width, line.size());
	return width;
}

TEST(Columns, TwoCpus)
{
	const std::string text = lay_out(rows(), 2, {});
	expect_golden(text, "core/report/golden/two_columns.txt");
	EXPECT_LE(widest(text), kWidth);
}

TEST(Columns, MoreCpusFold)
{
	const std::string text = lay_out(rows(), 3, {});
	expect_golden(text, "core/report/golden/folded.txt");
	EXPECT_LE(widest(text), kWidth);
}

TEST(Columns, ColourOnlyAdds)
{
	const std::string plain = lay_out(rows(), 2, {});
	const std::string painted = lay_out(rows(), 2, { .colour = true });
	EXPECT_NE(plain, painted);
	EXPECT_EQ(plain, std::regex_replace(painted, std::regex("\033\\[[0-9;]*m"), ""));
}

TEST(Columns, NoRows)
{
	EXPECT_EQ(lay_out({}, 3, {}), "");
}

TEST(Wrap, BreaksAtBlanks)
{
	using Lines = std::vector<std::string>;
	EXPECT_EQ(wrap("one two three", 8, 2), (Lines{ "one two", "  three" }));
	EXPECT_EQ(wrap("one two", 7, 2), (Lines{ "one two" }));
	EXPECT_EQ(wrap("", 7, 2), (Lines{ "" }));
	EXPECT_EQ(wrap("  ", 7, 2), (Lines{ "  " }));
	EXPECT_EQ(wrap("abcdefghij", 4, 1), (Lines{ "abcd", " efg", " hij" }));
	EXPECT_EQ(wrap("tab\there", 20, 0), (Lines{ "tab?here" }));
}

} // namespace
} // namespace lazymm::report
