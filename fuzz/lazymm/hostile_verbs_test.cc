// SPDX-License-Identifier: MIT
// 10,000 hostile files (fewer under sanitizers) through every verb that takes a file, in this
// process: whatever is in them, there is an exit status that --help knows, at most one line of what
// is wrong, and no more memory than a bound.
#include "fuzz/lazymm/hostile_test.h"

#include "fuzz/lazymm/failure.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;

constexpr bool kSanitized = LAZYMM_ASAN || LAZYMM_TSAN;
constexpr std::uint32_t kFiles = kSanitized ? 500 : 10'000;
constexpr std::uint32_t kWords = kSanitized ? 100 : 2'000;
/// Files of a directory that is given to what takes directories.
constexpr std::uint32_t kTogether = 100;
/// Of the whole process, in KiB. A sanitizer has memory of its own.
constexpr long kMaxResident = 600L << 10;

class Hostile : public testing::Test
{
protected:
	~Hostile() override
	{
		rusage usage{};
		getrusage(RUSAGE_SELF, &usage);
		if (!kSanitized)
			EXPECT_LT(usage.ru_maxrss, kMaxResident);
	}

	Captured expect_good_end(const Arguments &arguments, bool raw = false)
	{
		const Captured captured = capture_in_memory(arguments);
		seen_[captured.status]++;
		EXPECT_EQ(wrong_with(captured, raw, longest_), "") << command_line(arguments);
		return captured;
	}
	static std::string command_line(const Arguments &arguments)
	{
		std::string line = "lazymm";
		for (const std::string &argument : arguments)
			line += " " + printable(argument.substr(0, 200));
		return line;
	}
	/// Were they hostile and good in turn? Else the test has lost its point.
	void expect_all_statuses() const
	{
		for (const int status : { kClean, kViolation, kUsage, kCannotTell })
			EXPECT_GT(seen_.count(status), 0u) << status;
	}

	std::size_t longest_ = 4096; ///< line of an error
	HostileFiles files_;
	TestDirectory directory_;
	std::map<int, unsigned> seen_;
};

TEST_F(Hostile, FilesGivenToEachVerb)
{
	fs::create_directories(directory_.path("corpus"));
	for (std::uint32_t n = 0; n < kFiles && !HasFailure(); n++) {
		SCOPED_TRACE("file " + std::to_string(n));
		const std::string file = directory_.file("file", files_.make(n));
		const auto give = [&](Arguments arguments, bool raw = false) {
			arguments.insert(arguments.begin() + (arguments[0] == "corpus" ? 2 : 1),
					 file);
			if (n % 2)
				arguments.insert(arguments.end(), { "--scheme", "refcount" });
			expect_good_end(arguments, raw);
		};
		give({ "replay" });
		give({ "minimize", "--replays", "30" });
		give({ "show", "--as", n % 3 ? "text" : "picture" });
		give({ "bytes" }, true);
		give({ "diff" });
		give({ "corpus", "adopt", "--replays", "30", "--corpus",
		       directory_.path("corpus") });
		expect_good_end({ "litmus", file, "--runs", "20", n % 5 ? "--counts" : "--json" });
	}
	expect_all_statuses();
	EXPECT_EQ(bad_files(directory_.path(), true), std::vector<std::string>());
}

TEST_F(Hostile, DirectoriesOfThem)
{
	for (std::uint32_t n = 0; n < kFiles && !HasFailure(); n += kTogether) {
		SCOPED_TRACE("files from " + std::to_string(n));
		const TestDirectory directory;
		for (std::uint32_t i = n; i < n + kTogether && i < kFiles; i++) {
			const std::string content = files_.make(i);
			if (content.size() <= (1 << 16)) // one that is too large ends it all
				directory.file(
					"refcount/" + std::string(i % 4 ? "seeds/" : "witnesses/") +
						std::to_string(i) + (i % 3 ? ".sched" : ""),
					content);
		}
		const std::string corpus = directory.path("refcount");
		const Snapshot before = snapshot(corpus);
		expect_good_end({ "corpus", "stats", corpus });
		expect_good_end({ "corpus", "check", "--part", corpus });
		expect_good_end({ "corpus", "merge", "-o", directory.path("merged"), corpus });
		expect_good_end({ "corpus", "prune", "--in-place", corpus });
		EXPECT_EQ(snapshot(corpus + ".old-1"), before);
		expect_good_end(
			{ "run", "--scheme", "refcount", "--runs", "30", "--corpus", corpus });
	}
}

TEST_F(Hostile, WordsForNames)
{
	longest_ = 200'000; // it may be told which word was wrong
	for (std::uint32_t n = 0; n < kWords && !HasFailure(); n++) {
		SCOPED_TRACE("word " + std::to_string(n));
		const std::string word = files_.word(n);
		const std::string bad = word + "?"; // the name of nothing
		expect_good_end({ word, word });
		expect_good_end({ "list", word });
		expect_good_end({ "replay", word, "--oracles", word });
		expect_good_end({ "corpus", bad, word });
		expect_good_end({ "corpus", "stats", word + "/none" });
		for (const char *verb : { "run", "barriers", "matrix", "doctor" })
			expect_good_end({ verb, bad });
		expect_good_end({ "run", "--scheme", bad, "--runs", "1" });
		expect_good_end({ "run", "--scheme", "refcount", "--runs", "1", "--ops", bad });
		expect_good_end({ "run", "--scheme", "refcount", "--seconds", bad });
		expect_good_end({ "run", "--bug", bad, "--weaken", word });
		expect_good_end({ "barriers", "--scheme", bad });
		expect_good_end({ "barriers", "--scheme", "refcount", "--site", bad });
		expect_good_end({ "matrix", "--bugs", bad });
		expect_good_end({ "matrix", "--shard", bad });
		expect_good_end({ "minimize", "LMM1:lazymm-2021:ACG9", "--replays", bad });
		expect_good_end({ "corpus", "adopt", "LMM1:lazymm-2021:ACG9", "--corpus",
				  directory_.path(), "--no-minimize", "--from", word });
		expect_good_end({ "corpus", "adopt", "LMM1:lazymm-2021:ACG9", "--corpus",
				  directory_.path(), "--name", bad });
	}
}

} // namespace
} // namespace lazymm::command
