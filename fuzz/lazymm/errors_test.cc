// SPDX-License-Identifier: MIT
// Bad input: each kind gets one line that says what, where and what next, and the right status.
#include "core/report/golden_test.h"
#include "core/schedule/rng.h"
#include "fuzz/lazymm/command_test.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;

/// A directory of its own as the current one, so that messages name the same paths everywhere.
class Errors : public testing::Test
{
protected:
	Errors() : back_(fs::current_path())
	{
		char name[] = "/tmp/lazymm-errors-XXXXXX";
		directory_ = mkdtemp(name);
		fs::current_path(directory_);
	}
	~Errors() override
	{
		fs::current_path(back_);
		fs::remove_all(directory_);
	}

	static void write(const char *name, const std::string &text)
	{
		std::ofstream(name, std::ios::binary) << text;
	}

	/// As a person would see it in a terminal.
	void session(const Arguments &arguments, const std::string &input = "")
	{
		const Captured captured = capture(arguments, input);
		text_ += fmt::format("$ lazymm {}\n{}{}[{}]\n\n", fmt::join(arguments, " "),
				     captured.out, captured.err, captured.status);
		EXPECT_EQ(std::count(captured.err.begin(), captured.err.end(), '\n'), 1)
			<< captured.err;
	}

	std::string text_;

private:
	fs::path back_;
	fs::path directory_;
};

TEST_F(Errors, OfSchedules)
{
	write("empty", "");
	write("garbage", "\x01\x02\x03\xff");
	write("cut.sched", "lazymm-schedule 1\nscheme refc");
	write("head-cut.sched", "lazymm-sch");
	write("syntax.sched", "lazymm-schedule 1\nscheme refcount\ncpus 2\n\ncpu0\n  swich B\n");
	write("newer.sched", "# a comment\n\nlazymm-schedule 9\nscheme refcount\n");
	write("scheme.sched", "lazymm-schedule 1\nscheme refcunt\ncpus 2\n\ncpu0\n  exit\n");
	write("bug.sched", "lazymm-schedule 1\nscheme refcount\nbug no-such\ncpus 2\n\ncpu0\n");
	write("site.sched", "lazymm-schedule 1\nscheme refcount\nweaken \"no such\"\ncpus 2\n");
	write("big", std::string(kMaxInput + 1, 'x'));
	fs::create_directory("directory");
	ASSERT_EQ(mkfifo("fifo", 0600), 0);

	session({ "replay" });
	for (const char *file : { "missing.sched", "directory", "fifo", "/dev/null", "empty",
				  "garbage", "cut.sched", "head-cut.sched", "syntax.sched",
				  "newer.sched", "scheme.sched", "bug.sched", "site.sched", "big" })
		session({ "replay", file });
	session({ "replay", "-" }, "lazymm-schedule 1\nshceme refcount\n");
	session({ "replay", "big\x1b[31mred" });
	for (const char *token : { "LMM1:refcount", "LMM1:refcount:!", "LMM1:refcount:A",
				   "LMM1:REF:AA", "LMM2:refcount:AA", "LMM1:refcunt:AA",
				   "LMM1:refcount~12345678:AA", "LMM1:refcount~1234:AA" })
		session({ "replay", token });
	session({ "replay", "garbage", "--scheme", "refcunt" });
	session({ "replay", "garbage", "--bug", "no-such" });
	session({ "replay", "LMM1:refcount:AA", "--cpus", "2" });
	report::expect_golden(text_, "fuzz/lazymm/golden/schedule_errors.txt");
}

TEST_F(Errors, OfUsage)
{
	write("taken", "");
	session({ "replya" });
	session({ "xyzzy" });
	session({ "list", "scheems" });
	session({ "list", "schemes", "bugs" });
	session({ "list", "--jsno" });
	session({ "list", "--color", "sometimes" });
	session({ "replay", "LMM1:refcount:AA", "--engine", "fibres" });
	session({ "replay", "LMM1:refcount:AA", "--mode", "freee" });
	session({ "replay", "LMM1:refcount:AA", "--oracles", "mm-count,mm-cuont" });
	session({ "replay", "LMM1:refcount:AA", "--runs", "0" });
	session({ "replay", "LMM1:refcount:AA", "--memory", "tsso" });
	session({ "replay", "LMM1:refcount:AA", "--hotplug", "h2" });
	session({ "show", "LMM1:refcount:AA", "--as", "tokn" });
	session({ "show", "LMM1:refcount:AA", "-o", "taken" });
	session({ "show", "LMM1:refcount:AA", "-o", "no/such/file" });
	session({ "run" });
	session({ "run", "--scheme", "refcunt" });
	session({ "run", "--scheme" });
	session({ "run", "--bug", "no-such" });
	session({ "run", "--scheme", "lazymm-2021", "--bug", "rc-relaxed-dec" });
	session({ "run", "--scheme", "refcount", "--weaken", "mmdrop: mm_cuont" });
	session({ "run", "--scheme", "refcount", "--cpus", "9" });
	for (const char *seconds : { "nan", "-1", "1e", "soon", "inf" })
		session({ "run", "--scheme", "refcount", "--seconds", seconds });
	session({ "run", "--scheme", "refcount", "--runs", "-1" });
	session({ "run", "--scheme", "refcount", "--ops", "switch,swich" });
	session({ "run", "--scheme", "refcount", "--ops", "," });
	session({ "run", "--scheme", "refcount", "--strategy", "pct3" });
	session({ "run", "--scheme", "refcount", "--memory", "strong" });
	session({ "run", "--scheme", "refcount", "--mm", "stack" });
	session({ "run", "--scheme", "refcount", "--out", "taken" });
	session({ "run", "--scheme", "refcount", "--out", "no/such" });
	session({ "run", "--scheme", "refcount", "--corpus", "missing" });
	session({ "run", "--scheme", "refcount", "--seconds", "1", "2" });
	session({ "minimize", "LMM1:refcount:AA", "--replays", "many" });
	for (const char *report : { "junit", "junit:", "jnuit:new", "html:new", "junit:taken",
				    "junit:no/such/file", "junit:/" })
		session({ "replay", "LMM1:refcount:AA", "--report", report });
	report::expect_golden(text_, "fuzz/lazymm/golden/usage_errors.txt");
}

TEST_F(Errors, NothingOfAnyShapeGetsThrough)
{
	schedule::Rng rng(3);
	const std::string good = "lazymm-schedule 1\nscheme refcount\nmemory sc\ncpus 2\n\ncpu0\n"
				 "  fork B\n  exit  +5 run cpu1\ncpu1\n  switch B\n";
	for (unsigned i = 0; i < 300; i++) {
		std::string text =
			good.substr(0, rng.below(2) ? good.size() : rng.below(good.size()));
		for (unsigned edits = 1 + rng.below(4); edits > 0 && !text.empty(); edits--)
			text[rng.below(text.size())] = static_cast<char>(rng.below(256));
		const Captured captured = capture({ "show", "-" }, text);
		ASSERT_TRUE(captured.status == kClean || captured.status == kUsage ||
			    captured.status == kCannotTell)
			<< text;
		ASSERT_EQ(std::count(captured.err.begin(), captured.err.end(), '\n'),
			  captured.status ? 1 : 0)
			<< captured.err;
		for (const char c : captured.err)
			ASSERT_TRUE(c == '\n' || (c >= ' ' && c != 0x7f)) << captured.err;
	}
}

} // namespace
} // namespace lazymm::command
