// SPDX-License-Identifier: MIT
// --report and GitHub Actions, from the command line to what stands in files afterwards. What the
// documents say is tested in core/report, and by their readers in ci/tests/reports.
#include "core/report/json.h"
#include "fuzz/lazymm/command_test.h"
#include "fuzz/lazymm/failure.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;
using report::Json;

constexpr const char *kBad = "LMM1:lazymm-2021:ACG9";
constexpr const char *kGood = "LMM1:refcount:AA";

class Reporting : public testing::Test
{
protected:
	Reporting()
	{
		char name[] = "/tmp/lazymm-reports-XXXXXX";
		directory_ = mkdtemp(name);
		unsetenv("GITHUB_ACTIONS");
		unsetenv("GITHUB_STEP_SUMMARY");
	}
	~Reporting() override
	{
		unsetenv("GITHUB_ACTIONS");
		unsetenv("GITHUB_STEP_SUMMARY");
		fs::remove_all(directory_);
	}

	std::string path(const std::string &name) const { return directory_ + "/" + name; }
	std::size_t files() const
	{
		return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_),
							      fs::directory_iterator()));
	}
	static std::string read(const std::string &name)
	{
		std::ifstream in(name, std::ios::binary);
		return { std::istreambuf_iterator<char>(in), {} };
	}
	/// The one line of an error with status 2.
	static std::string refusal(const Arguments &arguments)
	{
		const Captured captured = capture(arguments);
		EXPECT_EQ(captured.status, kUsage) << captured.err;
		EXPECT_EQ(captured.out, "");
		EXPECT_EQ(std::count(captured.err.begin(), captured.err.end(), '\n'), 1)
			<< captured.err;
		return captured.err;
	}

private:
	std::string directory_;
};

TEST_F(Reporting, EachFormatToItsFile)
{
	const Captured plain = capture({ "replay", kBad });
	const Captured captured =
		capture({ "replay", kBad, "--report", "junit:" + path("a.xml"), "--report",
			  "sarif:" + path("a.sarif"), "--report", "ktap:" + path("a.ktap"),
			  "--report", "json:" + path("a.json") });
	EXPECT_EQ(captured.status, kViolation);
	EXPECT_EQ(captured.out, plain.out);
	EXPECT_EQ(captured.err, "");
	EXPECT_EQ(files(), 4u);
	EXPECT_NE(read(path("a.xml")).find("message=\"mm-count: live-mm-freed\""),
		  std::string::npos);
	EXPECT_NE(read(path("a.ktap")).find("not ok 1 LMM1:lazymm-2021:ACG9 # mm-count"),
		  std::string::npos);
	EXPECT_EQ(Json::parse(read(path("a.sarif")))["runs"][0]["results"][0]["ruleId"],
		  "mm-count");
	EXPECT_EQ(Json::parse(read(path("a.json")))["cases"][0]["violation"]["finding"]["kind"],
		  "live-mm-freed");
}

TEST_F(Reporting, EveryVerbThatChecksHasACaseWhenClean)
{
	std::ofstream(path("sb.litmus"))
		<< "C sb\n\n{}\n\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\n"
		   "exists (x=1)\n";
	const std::vector<Arguments> verbs = {
		{ "replay", kGood },
		{ "replay", kGood, "--mode", "free" },
		{ "minimize", kGood },
		{ "run", "--scheme", "refcount", "--runs", "10" },
		{ "diff", kGood },
		{ "matrix", "--bugs", "rc-missing-grab-u2k", "--strategies", "pos", "--seeds", "1",
		  "--seconds", "0", "--runs", "100000" },
		{ "litmus", path("sb.litmus") },
	};
	for (Arguments verb : verbs) {
		fs::remove(path("report"));
		verb.insert(verb.end(), { "--report", "json:" + path("report") });
		const Captured captured = capture(verb);
		EXPECT_EQ(captured.status, kClean) << verb[0] << captured.err << captured.out;
		const Json cases = Json::parse(read(path("report")))["cases"];
		EXPECT_GE(cases.size(), 1u) << verb[0];
		for (const Json &one : cases)
			EXPECT_EQ(one["verdict"], "passed") << one;
	}
}

TEST_F(Reporting, ToStandardOutputAlone)
{
	const Captured captured = capture({ "replay", kBad, "--json", "--report", "ktap:-" });
	EXPECT_EQ(captured.status, kViolation);
	EXPECT_EQ(captured.out.find("KTAP version 1\n1..1\n"), 0u) << captured.out;
	EXPECT_EQ(captured.out.rfind("not ok 1 replay\n"), captured.out.size() - 16);
	const Captured next = capture({ "replay", kBad });
	EXPECT_EQ(next.out.find("lazymm: VIOLATION"), 0u);
}

TEST_F(Reporting, NothingIsOverwritten)
{
	std::ofstream(path("taken")) << "mine";
	for (const char *verb : { "replay", "minimize", "diff" })
		EXPECT_NE(refusal({ verb, kBad, "--report", "junit:" + path("taken") })
				  .find("exists already"),
			  std::string::npos);
	EXPECT_EQ(read(path("taken")), "mine");
	EXPECT_NE(refusal({ "run", "--scheme", "refcount", "--runs", "1", "--report",
			    "junit:" + path("a"), "--report", "ktap:" + path("a") })
			  .find("two reports"),
		  std::string::npos);
	EXPECT_NE(refusal({ "replay", kBad, "--report", "ktap:-", "--report", "junit:-" })
			  .find("two reports"),
		  std::string::npos);
	EXPECT_EQ(files(), 1u);
}

TEST_F(Reporting, AFullDiskIsAnErrorAndLeavesNothing)
{
	std::signal(SIGXFSZ, SIG_IGN);
	rlimit old{};
	getrlimit(RLIMIT_FSIZE, &old);
	const rlimit tiny{ 16, old.rlim_max };
	const Arguments arguments{ "replay", kGood, "--report", "junit:" + path("a.xml") };
	// Standard output and error are not to be what is too large.
	int fds[2];
	ASSERT_EQ(pipe(fds), 0);
	std::FILE *out = std::fopen("/dev/null", "w"), *err = fdopen(fds[1], "w");
	{
		Console console(stdin, out, err);
		setrlimit(RLIMIT_FSIZE, &tiny);
		const int status = run_command(arguments, console);
		setrlimit(RLIMIT_FSIZE, &old);
		EXPECT_EQ(status, kUsage);
	}
	char message[4096] = {};
	EXPECT_GT(::read(fds[0], message, sizeof message - 1), 0);
	EXPECT_NE(std::string(message).find("File too large"), std::string::npos) << message;
	EXPECT_EQ(files(), 0u);
	close(fds[0]);
	std::fclose(out);
	std::fclose(err);
}

TEST_F(Reporting, OnGithubByItself)
{
	const Captured before = capture({ "replay", kBad });
	setenv("GITHUB_ACTIONS", "true", 1);
	const Captured bad = capture({ "replay", kBad });
	EXPECT_EQ(bad.out, before.out);
	EXPECT_EQ(bad.err.find("::error file=core/"), 0u) << bad.err;
	EXPECT_EQ(std::count(bad.err.begin(), bad.err.end(), '\n'), 1);
	EXPECT_EQ(capture({ "replay", kGood }).err, "");

	setenv("GITHUB_STEP_SUMMARY", path("summary").c_str(), 1);
	std::ofstream(path("summary")) << "what stood there\n";
	capture({ "replay", kBad });
	const std::string once = read(path("summary"));
	EXPECT_EQ(once.find("what stood there\n### lazymm: 0 passed, 1 failed"), 0u) << once;
	capture({ "replay", kGood });
	const std::string twice = read(path("summary"));
	EXPECT_EQ(twice.find(once), 0u);
	EXPECT_NE(twice.find("### lazymm: 1 passed, 0 failed", once.size()), std::string::npos);

	// Elsewhere, nothing of it.
	setenv("GITHUB_ACTIONS", "false", 1);
	EXPECT_EQ(capture({ "replay", kBad }).err, "");
	EXPECT_EQ(read(path("summary")), twice);
}

TEST_F(Reporting, ASummaryThatCannotBeWrittenIsAnError)
{
	setenv("GITHUB_ACTIONS", "true", 1);
	setenv("GITHUB_STEP_SUMMARY", "/dev/full", 1);
	const Captured full = capture({ "replay", kGood });
	EXPECT_EQ(full.status, kUsage);
	EXPECT_NE(full.err.find("No space left on device"), std::string::npos) << full.err;
	setenv("GITHUB_STEP_SUMMARY", path("no/such").c_str(), 1);
	EXPECT_EQ(capture({ "replay", kGood }).status, kUsage);
	// GitHub shows nothing of a summary that is too long.
	setenv("GITHUB_STEP_SUMMARY", path("long").c_str(), 1);
	std::ofstream(path("long")) << std::string((1 << 20) - 10, 'x');
	const Captured too_long = capture({ "replay", kGood });
	EXPECT_EQ(too_long.status, kClean);
	EXPECT_NE(too_long.err.find("summary is full"), std::string::npos) << too_long.err;
	EXPECT_EQ(fs::file_size(path("long")), (1u << 20) - 10);
}

} // namespace
} // namespace lazymm::command
