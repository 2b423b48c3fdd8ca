// SPDX-License-Identifier: MIT
// lazymm stress: bounded by runs; what parallel runs come to is not the same twice, so the bugs
// here are those that no run of the right operations misses.
#include "fuzz/lazymm/command_test.h"

#include "core/report/json.h"
#include "fuzz/lazymm/failure.h"

#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lazymm::command
{
namespace
{

using report::Json;

class Stress : public testing::TestWithParam<const char *>
{
protected:
	/// What stands behind `label` in the line that has it.
	static std::string after(const std::string &text, const std::string &label)
	{
		const std::size_t at = text.find(label);
		if (at == std::string::npos)
			return "";
		const std::size_t begin = at + label.size();
		return text.substr(begin, text.find('\n', begin) - begin);
	}
};

TEST_P(Stress, FindsAndShowsItStepped)
{
	const Captured found = capture({ "stress", "--bug", "rc-missing-grab-u2k", "--runs", "3000",
					 "--engine", GetParam() });
	ASSERT_EQ(found.status, kViolation) << found.out << found.err;
	EXPECT_EQ(found.out.find("lazymm: VIOLATION mm-count: "), 0u) << found.out;
	EXPECT_NE(found.out.find("  minimal: "), std::string::npos) << found.out;
	EXPECT_NE(found.out.find(" in free run "), std::string::npos) << found.out;
	EXPECT_NE(found.out.find("CPU0 did last in the free run:\n"), std::string::npos)
		<< found.out;
	EXPECT_EQ(capture({ "replay", after(found.out, "lazymm replay ") }).status, kViolation);
}

TEST_P(Stress, IsSilentOnASoundScheme)
{
	const Captured clean = capture({ "stress", "--scheme", "refcount", "--ops", "all", "--runs",
					 "100", "--engine", GetParam() });
	EXPECT_EQ(clean.status, kClean) << clean.out << clean.err;
	EXPECT_EQ(clean.out.find("lazymm: no violation in 100 free runs"), 0u) << clean.out;
	EXPECT_LE(std::count(clean.out.begin(), clean.out.end(), '\n'), 3);
	EXPECT_EQ(clean.err, "");
}

INSTANTIATE_TEST_SUITE_P(, Stress, testing::Values("fibers", "threads"),
			 [](const auto &info) { return std::string(info.param); });

TEST_F(Stress, AsJson)
{
	const Captured found =
		capture({ "stress", "--scheme", "lazymm-2021", "--runs", "3000", "--json" });
	EXPECT_EQ(found.status, kViolation) << found.out << found.err;
	const Json json = Json::parse(found.out);
	EXPECT_EQ(json["violation"], true);
	EXPECT_GE(json["free"]["runs"], 1);
	EXPECT_TRUE(json["free"]["finding"]["oracle"].is_string());
	EXPECT_FALSE(json["free"]["recent"][0].empty());
	EXPECT_EQ(capture({ "replay", json["schedule"]["token"] }).status, kViolation);

	const Json clean = Json::parse(
		capture({ "stress", "--scheme", "refcount", "--runs", "20", "--json" }).out);
	EXPECT_EQ(clean["violation"], false);
	EXPECT_EQ(clean["free"]["runs"], 20);
}

// `replay --mode free` has no stepped runs to prove it by.
TEST_F(Stress, ReplayOfAStuckRunCannotTell)
{
	const Captured stuck =
		capture({ "replay",
			  LAZYMM_SOURCE_DIR "/corpus/hazptr-wait/witnesses/hz-wait-self-slot.sched",
			  "--mode", "free" });
	EXPECT_EQ(stuck.status, kCannotTell) << stuck.out << stuck.err;
	EXPECT_EQ(stuck.out, "lazymm: cannot tell: free run 1 ended with stuck\n");
}

// Nothing moves in a free run: a suspicion, of which a stepped one is the proof.
TEST_F(Stress, ProvesADeadlock)
{
	const Captured found =
		capture({ "stress", "--bug", "hz-wait-self-slot", "--runs", "3000" });
	EXPECT_EQ(found.status, kViolation) << found.out << found.err;
	EXPECT_NE(found.out.find("progress: stuck in free run "), std::string::npos) << found.out;
	EXPECT_EQ(found.out.find("lazymm: VIOLATION progress: "), 0u) << found.out;
}

TEST_F(Stress, HasNoSteppedSettings)
{
	for (const char *option : { "--memory", "--strategy" }) {
		const Captured refused =
			capture({ "stress", "--scheme", "refcount", option, "sc" });
		EXPECT_EQ(refused.status, kUsage);
		EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
	}
}

TEST_F(Stress, AnInterruptEndsWithTheSummary)
{
	const pid_t user = fork();
	if (user == 0) {
		usleep(300'000);
		kill(getppid(), SIGINT);
		_exit(0);
	}
	const Captured ended = capture({ "stress", "--scheme", "refcount", "--seconds", "600" });
	waitpid(user, nullptr, 0);
	EXPECT_EQ(ended.status, 128 + SIGINT) << ended.out << ended.err;
	EXPECT_NE(ended.out.find("interrupted"), std::string::npos) << ended.out;
}

} // namespace
} // namespace lazymm::command
