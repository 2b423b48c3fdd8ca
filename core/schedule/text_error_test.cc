// SPDX-License-Identifier: MIT
// Text that is no schedule: what the error says, and that nothing worse happens.
#include "core/schedule/any_schedule.h"
#include "core/schedule/text.h"

#include <gtest/gtest.h>

namespace lazymm::schedule
{
namespace
{

using namespace std::string_literals;

std::string error_of(std::string_view text)
{
	const auto result = parse_text(text, "t.sched");
	const auto *error = std::get_if<ParseError>(&result);
	return error ? error->str() : "no error";
}

constexpr char kHead[] = "lazymm-schedule 1\nscheme refcount\n";

struct Golden {
	std::string text;
	const char *error;
};

void expect(const std::string &head, const std::vector<Golden> &table)
{
	for (const Golden &golden : table)
		EXPECT_EQ(error_of(head + golden.text), golden.error) << head << golden.text;
}

TEST(TextError, Head)
{
	expect("",
	       {
		       { "",
			 "t.sched:1:1: expected 'lazymm-schedule 1', found the end of the text (a "
			 "schedule begins with it)" },
		       { "\n# nothing\n",
			 "t.sched:3:1: expected 'lazymm-schedule 1', found the end of "
			 "the text (a schedule begins with it)" },
		       { "scheme refcount\n",
			 "t.sched:1:1: expected 'lazymm-schedule 1', found 'scheme' "
			 "(a schedule begins with it)" },
		       { "\x7f"
			 "ELF\x02\x01\x01\0\0"s,
			 "t.sched:1:1: expected 'lazymm-schedule 1', found "
			 "'\\x7fELF\\x02\\x01\\x01\\x00\\x00' (a schedule begins with it)" },
		       { "lazymm-schedule",
			 "t.sched:1:16: expected a version number, found the end of the text" },
		       { "lazymm-schedule one\n",
			 "t.sched:1:17: expected a version number, found 'one'" },
		       { "lazymm-schedule -1\n",
			 "t.sched:1:17: expected a version number, found '-1'" },
		       { "lazymm-schedule 1 2\n",
			 "t.sched:1:19: expected the end of the line, found '2'" },
		       { "lazymm-schedule 1\n",
			 "t.sched:2:1: expected a line 'scheme NAME', found the end of the text" },
		       { "lazymm-schedule 1\nmemory sc\ncpu0\n",
			 "t.sched:3:1: expected a line 'scheme NAME' above the first CPU, found "
			 "'cpu0'" },
		       { "lazymm-schedule 1\nlazymm-schedule 1\n",
			 "t.sched:2:1: expected a setting or a CPU, found 'lazymm-schedule'" },
	       });
}

TEST(TextError, Settings)
{
	expect(kHead,
	       {
		       { "colour red\n",
			 "t.sched:3:1: expected a setting or a CPU, found 'colour'" },
		       { "memry sc\n", "t.sched:3:1: expected a setting or a CPU, found 'memry' "
				       "(did you mean 'memory'?)" },
		       { "fork B\n", "t.sched:3:1: expected a setting or a CPU, found 'fork' "
				     "(operations stand below a line 'cpu0')" },
		       { "scheme shootdown\n", "t.sched:3:1: expected each setting once, found "
					       "'scheme' (the first is on line 2)" },
		       { "cpus 2\ncpus 2\n", "t.sched:4:1: expected each setting once, found "
					     "'cpus' (the first is on line 3)" },
		       { "bug RC\n", "t.sched:3:5: expected the name of a bug, found 'RC' (a-z, "
				     "0-9, '-' and '.', at most 64 of them)" },
		       { "bug\n", "t.sched:3:4: expected the name of a bug, found the end of the "
				  "line (a-z, 0-9, '-' and '.', at most 64 of them)" },
		       { "bug " + std::string(65, 'x') + "\n",
			 "t.sched:3:5: expected the name of a bug, found "
			 "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' (a-z, 0-9, '-' and '.', at most 64 "
			 "of "
			 "them)" },
		       { "bug a b\n", "t.sched:3:7: expected the end of the line, found 'b'" },
		       { "memory arm\n", "t.sched:3:8: expected sc, tso or weak, found 'arm'" },
		       { "hotplug h2\n", "t.sched:3:9: expected scheme, h1 or h3, found 'h2'" },
		       { "arch x68\n", "t.sched:3:6: expected scheme, generic, x86, deferred, "
				       "broadcast or powerpc, found 'x68'" },
		       { "mm stack\n", "t.sched:3:4: expected pool or heap, found 'stack'" },
		       { "cpus 0\n",
			 "t.sched:3:6: expected a number of CPUs from 1 to 4, found '0'" },
		       { "cpus 5\n",
			 "t.sched:3:6: expected a number of CPUs from 1 to 4, found '5'" },
		       { "cpus 18446744073709551618\n",
			 "t.sched:3:6: expected a number of CPUs from 1 to 4, found "
			 "'18446744073709551618'" },
		       { "cpus +2\n",
			 "t.sched:3:6: expected a number of CPUs from 1 to 4, found '+2'" },
		       { "search\n", "t.sched:3:7: expected a strategy: random, pct, pos, "
				     "surw, portfolio or stall, found the end of the line" },
		       { "search dfs 1\n", "t.sched:3:8: expected a strategy: random, pct, pos, "
					   "surw, portfolio or stall, found 'dfs'" },
		       { "search pos\n", "t.sched:3:11: expected a seed from 0 to 4294967295, "
					 "found the end of the line" },
		       { "search pos 4294967296\n", "t.sched:3:12: expected a seed from 0 to "
						    "4294967295, found '4294967296'" },
		       { "search pos 0x11\n",
			 "t.sched:3:12: expected a seed from 0 to 4294967295, found '0x11'" },
		       { "weaken mmdrop\n",
			 "t.sched:3:8: expected a name in double quotes, found 'mmdrop'" },
		       { "weaken \"\"\n",
			 "t.sched:3:8: expected a site's name of 1 to 200 bytes, found '\"\"'" },
		       { "weaken \"mmdrop\n", "t.sched:3:15: expected a closing double quote, "
					      "found the end of the line" },
		       { "weaken \"mm\\ndrop\"\n",
			 "t.sched:3:11: expected \\\", \\\\ or \\xHH, found '\\n'" },
		       { "weaken \"mm\\x0\"\n",
			 "t.sched:3:11: expected \\\", \\\\ or \\xHH, found '\\x'" },
		       { "weaken \"mm\\",
			 "t.sched:3:11: expected \\\", \\\\ or \\xHH, found '\\'" },
		       { "weaken \"mm\tdrop\"\n",
			 "t.sched:3:11: expected a printable character or \\xHH, found '\\x09'" },
		       { "weaken \"mm\" drop\n",
			 "t.sched:3:13: expected the end of the line, found 'drop'" },
		       { "weaken \"" + std::string(201, 'x') + "\"\n",
			 "t.sched:3:8: expected a site's name of 1 to 200 bytes, found "
			 "'\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'" },
	       });
}

TEST(TextError, Operations)
{
	expect(kHead,
	       {
		       { "cpu2\n", "t.sched:3:1: expected cpu0 or cpu1, found 'cpu2' (the setting "
				   "'cpus' says how many)" },
		       { "cpus 4\ncpu4\n", "t.sched:4:1: expected cpu0 to cpu3, found 'cpu4' (the "
					   "setting 'cpus' says how many)" },
		       { "cpus 1\ncpu99999999999999999999\n",
			 "t.sched:4:1: expected cpu0, found 'cpu99999999999999999999' (the "
			 "setting 'cpus' says how many)" },
		       { "cpu0\ncpu1\ncpu0\n", "t.sched:5:1: expected each CPU once, found 'cpu0' "
					       "(the first is on line 3)" },
		       { "cpu0 fork B\n",
			 "t.sched:3:6: expected the end of the line, found 'fork'" },
		       { "cpu0\n  memory sc\n", "t.sched:4:3: expected an operation, found "
						"'memory' (settings stand above the first CPU)" },
		       { "cpu0\n  swich B\n", "t.sched:4:3: expected an operation, found 'swich' "
					      "(did you mean 'switch'?)" },
		       { "cpu0\n  frobnicate\n",
			 "t.sched:4:3: expected an operation, found 'frobnicate' ('lazymm list "
			 "operations' shows them)" },
		       { "cpu0\n  +5 irq\n", "t.sched:4:3: expected an operation, found '+5' "
					     "(decisions stand behind their operation)" },
		       { "cpu0\n  fork",
			 "t.sched:4:7: expected a user task: A to F, found the end of the text" },
		       { "cpu0\n  fork\n",
			 "t.sched:4:7: expected a user task: A to F, found the end of the line" },
		       { "cpu0\n  fork K\n",
			 "t.sched:4:8: expected a user task: A to F, found 'K'" },
		       { "cpu0\n  switch cpu0\n", "t.sched:4:10: expected a task: A to F, K, L, "
						  "kthread or idle, found 'cpu0'" },
		       { "cpu0\n  switch +5 irq\n", "t.sched:4:10: expected a task: A to F, K, L, "
						    "kthread or idle, found '+5'" },
		       { "cpu0\n  offline cpu2\n",
			 "t.sched:4:11: expected cpu0 or cpu1, found 'cpu2'" },
		       { "cpu0\n  offline 1\n", "t.sched:4:11: expected cpu0 or cpu1, found '1'" },
		       { "cpus 1\ncpu0\n  offline cpu1\n",
			 "t.sched:5:11: expected cpu0, found 'cpu1'" },
		       { "cpus 3\ncpu0\n  offline cpu3\n",
			 "t.sched:5:11: expected cpu0 to cpu2, found 'cpu3'" },
		       { "cpu0\n  exit B\n", "t.sched:4:8: expected a decision such as '+5 run "
					     "cpu1', or the end of the line, found 'B'" },
	       });
}

TEST(TextError, Decisions)
{
	expect(kHead,
	       {
		       { "cpu0\n  exit +0 irq\n",
			 "t.sched:4:8: expected an anchor from +1 to +16383, found '+0'" },
		       { "cpu0\n  exit +16384 irq\n",
			 "t.sched:4:8: expected an anchor from +1 to +16383, found '+16384'" },
		       { "cpu0\n  exit + 5 irq\n",
			 "t.sched:4:8: expected an anchor from +1 to +16383, found '+'" },
		       { "cpu0\n  exit +5\n",
			 "t.sched:4:10: expected run, irq, defer, preempt, older, hold, under or "
			 "pick, found the end of the line" },
		       { "cpu0\n  exit +5 rum cpu1\n",
			 "t.sched:4:11: expected run, irq, defer, preempt, older, hold, under or "
			 "pick, found 'rum' (did you mean 'run'?)" },
		       { "cpu0\n  exit +5 run\n",
			 "t.sched:4:14: expected cpu0 or cpu1, found the end of the line" },
		       { "cpu0\n  exit +5 run cpu2\n",
			 "t.sched:4:15: expected cpu0 or cpu1, found 'cpu2'" },
		       { "cpu0\n  exit +5 run B\n",
			 "t.sched:4:15: expected cpu0 or cpu1, found 'B'" },
		       { "cpu0\n  exit +5 irq 3\n",
			 "t.sched:4:15: expected a decision such as '+5 run cpu1', or the end of "
			 "the line, found '3'" },
		       { "cpu0\n  exit +5 defer\n", "t.sched:4:16: expected a number from 0 to "
						    "255, found the end of the line" },
		       { "cpu0\n  exit +5 older 256\n",
			 "t.sched:4:17: expected a number from 0 to 255, found '256'" },
		       { "cpu0\n  exit +5 hold 99999999999\n",
			 "t.sched:4:16: expected a number from 0 to 255, found '99999999999'" },
		       { "cpu0\n  exit +5 irq +3 irq\n",
			 "t.sched:4:15: expected +5 or more, found '+3' (an operation's decisions "
			 "stand in ascending order)" },
		       { "cpu0\n  exit +5 irq\n  +3 irq\n",
			 "t.sched:5:3: expected +5 or more, found '+3' (an operation's decisions "
			 "stand in ascending order)" },
	       });
}

TEST(TextError, OtherVersionsAreTooNew)
{
	for (const char *version : { "2", "0", "99999999999999999999999" }) {
		const std::string text = "lazymm-schedule "s + version + "\nscheme x\n";
		const auto result = parse_text(text, "t.sched");
		const auto *error = std::get_if<ParseError>(&result);
		ASSERT_TRUE(error);
		EXPECT_EQ(error->kind, ParseError::Kind::too_new);
	}
	expect("",
	       { { "lazymm-schedule 2\nwhatever it says\n",
		   "t.sched:1:17: expected version 1, found '2' (this build reads version 1 only; "
		   "take a newer lazymm)" } });
	const auto result = parse_text("lazymm-schedule 1 2", "t.sched");
	EXPECT_EQ(std::get<ParseError>(result).kind, ParseError::Kind::syntax);
}

TEST(TextError, Limits)
{
	std::string ops = kHead + "cpu0\n"s;
	for (unsigned i = 0; i < kMaxOps; i++)
		ops += "exit\n";
	EXPECT_EQ(error_of(ops), "no error");
	EXPECT_EQ(error_of(ops + "exit\n"),
		  "t.sched:132:1: expected at most 128 operations of a CPU, found 'exit'");

	std::string decisions = kHead + "cpu0\nexit"s;
	for (unsigned i = 0; i < kMaxDecisions; i++)
		decisions += " +7 irq";
	EXPECT_EQ(error_of(decisions), "no error");
	EXPECT_EQ(error_of(decisions + "\n+8 irq"),
		  "t.sched:5:1: expected at most 255 decisions of an operation, found '+8'");

	std::string sites = kHead;
	for (unsigned i = 0; i < kMaxWeaken; i++)
		sites += "weaken \"x\"\n";
	EXPECT_EQ(error_of(sites), "no error");
	EXPECT_EQ(error_of(sites + "weaken \"x\"\n"),
		  "t.sched:67:8: expected at most 64 weakened sites, found '\"x\"'");
}

TEST(TextError, HostileTextIsShownShortAndPrintable)
{
	const std::string megabyte(1 << 20, 'x');
	expect(kHead,
	       {
		       { "cpu0\n  " + megabyte, "t.sched:4:3: expected an operation, found "
						"'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' ('lazymm "
						"list operations' shows them)" },
		       { "cpu0\n  \x1b[31mred\n",
			 "t.sched:4:3: expected an operation, found '\\x1b[31mred' ('lazymm list "
			 "operations' shows them)" },
		       { "cpu0\n  fork\0 B\n"s, "t.sched:4:3: expected an operation, found "
						"'fork\\x00' (did you mean 'fork'?)" },
		       { "cpu0\n  fork \xc3\xa4\n",
			 "t.sched:4:8: expected a user task: A to F, found '\\xc3\\xa4'" },
		       { "cpu0\n  exit\rexit\n",
			 "t.sched:4:3: expected an operation, found 'exit\\x0dexit' ('lazymm list "
			 "operations' shows them)" },
		       { "\0\0\0"s,
			 "t.sched:3:1: expected a setting or a CPU, found '\\x00\\x00\\x00'" },
		       { "cpu0\n  exit +5 run " + megabyte,
			 "t.sched:4:15: expected cpu0 or cpu1, found "
			 "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'" },
		       { "cpus " + std::string(1 << 20, '9'),
			 "t.sched:3:6: expected a number of CPUs from 1 to 4, found "
			 "'99999999999999999999999999999999...'" },
		       { "weaken \"" + megabyte, "t.sched:3:1048585: expected a closing double "
						 "quote, found the end of the text" },
		       { "weaken \"" + megabyte + "\"",
			 "t.sched:3:8: expected a site's name of 1 to 200 bytes, found "
			 "'\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'" },
	       });

	// Long, and right.
	EXPECT_EQ(error_of(std::string(1 << 20, '\n') + kHead), "no error");
	EXPECT_EQ(error_of(kHead + ("#" + megabyte)), "no error");
	EXPECT_EQ(error_of(kHead + std::string(1 << 20, ' ')), "no error");
	std::string sections = kHead;
	for (int i = 0; i < 100000; i++)
		sections += "cpu0\n";
	EXPECT_EQ(error_of(sections),
		  "t.sched:4:1: expected each CPU once, found 'cpu0' (the first is on line 3)");
}

/// Does the position lie in the text, or just behind a line of it?
bool lies_inside(const ParseError &error, std::string_view text)
{
	for (unsigned line = 1; line < error.line; line++) {
		const std::size_t end = text.find('\n');
		if (end == std::string_view::npos)
			return false;
		text.remove_prefix(end + 1);
	}
	const std::size_t length = std::min(text.find('\n'), text.size());
	return error.line >= 1 && error.column >= 1 && error.column <= length + 1;
}

bool is_printable(std::string_view text)
{
	return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// Break a text the way editors, mailers and fuzzers do.
void damage(std::string &text, Rng &rng)
{
	constexpr std::string_view kPieces[] = {
		"\n",	       "\r\n",
		"+",	       "+5 run cpu1",
		"+3",	       "cpu1",
		"cpu7",	       "#",
		"\"",	       "\\",
		"\\x",	       " ",
		"\t",	       "\0",
		"fork B\n",    "offline",
		"cpus 1\n",    "scheme a\n",
		"99999999999", "weaken \"a\"\n",
		"-",	       "lazymm-schedule 1\n",
		"\xff",
	};
	const auto at = [&] { return rng.below(static_cast<std::uint32_t>(text.size() + 1)); };
	switch (rng.below(5)) {
	case 0:
		if (!text.empty())
			text[at() % text.size()] = static_cast<char>(rng.below(256));
		break;
	case 1:
		text.erase(at(), 1 + rng.below(8));
		break;
	case 2:
		text.insert(at(), std::string(text, at(), 1 + rng.below(16)));
		break;
	case 3:
		text.resize(at());
		break;
	default:
		text.insert(at(), kPieces[rng.below(std::size(kPieces))]);
		break;
	}
}

TEST(TextGarbage, AMillionDamagedTextsParseOrSayWhere)
{
	Rng rng(13);
	std::string text;
	unsigned good = 0;
	for (int i = 0; i < 1000000; i++) {
		// Damage adds up, until the text is started afresh.
		if (i % 3 == 0) {
			Schedule schedule;
			do
				schedule = any_named_schedule(rng);
			while ((text = to_text(schedule)).size() > 300);
		}
		damage(text, rng);
		const auto result = parse_text(text, "t.sched");
		if (const auto *error = std::get_if<ParseError>(&result)) {
			ASSERT_TRUE(lies_inside(*error, text)) << error->str() << "\n" << text;
			ASSERT_TRUE(is_printable(error->message)) << text;
			ASSERT_LT(error->message.size(), 300u) << text;
			continue;
		}
		good++;
		const Schedule &schedule = std::get<Schedule>(result);
		ASSERT_TRUE(within_limits(schedule)) << text;
		if (good % 4 == 0) {
			const auto again = parse_text(to_text(schedule), "t.sched");
			ASSERT_TRUE(std::holds_alternative<Schedule>(again)) << text;
			ASSERT_EQ(std::get<Schedule>(again), schedule) << text;
		}
	}
	// Neither all broken nor all whole, or the test looks at nothing.
	EXPECT_GT(good, 50000u);
	EXPECT_LT(good, 500000u);
}

} // namespace
} // namespace lazymm::schedule
