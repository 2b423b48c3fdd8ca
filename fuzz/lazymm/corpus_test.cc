// SPDX-License-Identifier: MIT
// lazymm corpus: what its verbs keep, what they refuse, and that check can fail.
#include "fuzz/lazymm/command_test.h"
#include "fuzz/lazymm/directory_test.h"

#include "core/report/json.h"
#include "fuzz/lazymm/failure.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/file.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;
using report::Json;

const std::string kCommitted = LAZYMM_SOURCE_DIR "/corpus";
constexpr const char *kWitness = "witnesses/rc-missing-grab-u2k.sched";

bool has(const std::string &text, const std::string &part)
{
	return text.find(part) != std::string::npos;
}

class Corpus : public testing::Test
{
protected:
	Corpus() { fs::copy(kCommitted + "/refcount", path("refcount"), kAll); }

	std::string path(const std::string &name) const { return directory_.path(name); }
	/// Of the copy of refcount's corpus.
	std::string text(const std::string &name) const
	{
		return content_of(path("refcount/" + name));
	}
	void write(const std::string &name, const std::string &text) const
	{
		directory_.file("refcount/" + name, text);
	}
	Captured check(const Arguments &more = {}) const
	{
		Arguments arguments{ "corpus", "check", "--part", path("refcount") };
		arguments.insert(arguments.end(), more.begin(), more.end());
		return capture(arguments);
	}
	void expect_failure(const std::string &text) const
	{
		const Captured checked = check();
		EXPECT_EQ(checked.status, kViolation) << checked.out;
		EXPECT_TRUE(has(checked.out, text)) << checked.out;
		EXPECT_TRUE(has(checked.out, " 1 failures\n")) << checked.out;
	}
	static std::string replaced(std::string text, const std::string &what,
				    const std::string &by)
	{
		const std::size_t at = text.find(what);
		EXPECT_NE(at, std::string::npos) << what;
		return text.replace(at, what.size(), by);
	}

	static constexpr auto kAll = fs::copy_options::recursive;
	const TestDirectory directory_;
};

TEST_F(Corpus, TheCommittedOneIsAsItShouldBe)
{
	const Captured checked = capture({ "corpus", "check", kCommitted });
	EXPECT_EQ(checked.status, kClean) << checked.out;
	EXPECT_EQ(checked.err, "");
	EXPECT_EQ(std::count(checked.out.begin(), checked.out.end(), '\n'), 1) << checked.out;
	EXPECT_EQ(check().status, kClean) << check().out;
}

TEST_F(Corpus, CheckSeesAWitnessThatExpectsSomethingElse)
{
	write(kWitness, replaced(text(kWitness), "# expect: mm-count live-mm-freed",
				 "# expect: mm-count leak"));
	expect_failure("expects mm-count leak, shows mm-count live-mm-freed");
}

TEST_F(Corpus, CheckSeesAWitnessWithoutExpectation)
{
	write(kWitness, replaced(text(kWitness), "# expect: ", "# expects "));
	expect_failure("is a witness, and has no '# expect: ORACLE KIND'");
}

TEST_F(Corpus, CheckSeesAWitnessThatShowsNothing)
{
	write(kWitness, replaced(text(kWitness), "bug rc-missing-grab-u2k\n", ""));
	expect_failure("shows nothing");
}

TEST_F(Corpus, CheckSeesASeedThatShowsSomething)
{
	write("seeds/bad.sched", text(kWitness));
	expect_failure("expects nothing, shows mm-count live-mm-freed");
}

TEST_F(Corpus, CheckSeesWhatIsInTheWrongDirectory)
{
	fs::rename(path("refcount"), path("shootdown"));
	const Captured checked =
		capture({ "corpus", "check", "--part", path("shootdown"), "--json" });
	EXPECT_EQ(checked.status, kViolation);
	for (const Json &one : Json::parse(checked.out))
		EXPECT_EQ(one["message"], "is of scheme refcount, in another directory");
}

TEST_F(Corpus, CheckSeesWhatSaysNothing)
{
	write("seeds/silent.sched", "lazymm-schedule 1\nscheme refcount\ncpus 2\ncpu0\n");
	expect_failure("silent.sched: has no comment that says what it is");
}

TEST_F(Corpus, CheckSeesHalfAFile)
{
	const std::string whole = text(kWitness);
	write(kWitness, whole.substr(0, whole.size() - 4));
	expect_failure(kWitness);
}

TEST_F(Corpus, CheckOfRegressions)
{
	const std::string adopted = text(kWitness);
	write("regressions/a.sched", adopted);
	EXPECT_EQ(check().status, kClean) << check().out;
	// Repaired, and nobody said so.
	write("regressions/a.sched", replaced(adopted, "bug rc-missing-grab-u2k\n", ""));
	expect_failure("expects mm-count live-mm-freed, shows nothing");
	const std::string repaired =
		replaced(replaced(adopted, "bug rc-missing-grab-u2k\n", ""),
			 "# expect: mm-count live-mm-freed", "# expect: nothing");
	write("regressions/a.sched", repaired);
	EXPECT_EQ(check().status, kClean) << check().out;
	write("regressions/a.sched", replaced(repaired, "# expect: nothing\n", ""));
	expect_failure("has no '# expect: ORACLE KIND', or '# expect: nothing'");
}

TEST_F(Corpus, CheckSeesAMissingWitness)
{
	fs::copy(kCommitted, path("all"), kAll);
	fs::remove(path("all/refcount/") + kWitness);
	const Captured checked = capture({ "corpus", "check", path("all") });
	EXPECT_EQ(checked.status, kViolation);
	EXPECT_TRUE(has(checked.out, "refcount/witnesses/rc-missing-grab-u2k.sched is missing"))
		<< checked.out;
}

TEST_F(Corpus, CheckSeesASmallerOne)
{
	const Arguments at_least{ "corpus", "check", path("refcount"), "--at-least",
				  kCommitted + "/refcount" };
	EXPECT_EQ(capture(at_least).status, kClean);
	fs::remove(path("refcount/") + kWitness);
	const Captured smaller = capture(at_least);
	EXPECT_EQ(smaller.status, kViolation);
	EXPECT_TRUE(has(smaller.out, "refcount: is smaller: ")) << smaller.out;
	// As many files, of which one shows less.
	write("seeds/nothing.sched", "# Nothing.\nlazymm-schedule 1\nscheme refcount\n");
	for (const auto &[name, content] : snapshot(path("refcount/seeds")))
		write("seeds/" + name, text("seeds/nothing.sched"));
	EXPECT_TRUE(has(capture(at_least).out, "refcount: is smaller: 50 files"))
		<< capture(at_least).out;
}

TEST_F(Corpus, AnEmptyDirectoryIsNoCorpus)
{
	fs::create_directory(path("empty"));
	directory_.file("empty/README.md", "not a schedule");
	directory_.file("empty/.lazymm-1-0.tmp", "not finished");
	directory_.file("empty/.gitignore", "hidden");
	for (const char *verb : { "check", "stats" }) {
		const Captured captured = capture({ "corpus", verb, path("empty") });
		EXPECT_EQ(captured.status, kUsage) << verb;
		EXPECT_TRUE(has(captured.err, "there are no schedules in ")) << captured.err;
	}
	EXPECT_EQ(capture({ "corpus", "merge", "-o", path("new"), path("empty") }).status, kUsage);
	EXPECT_FALSE(fs::exists(path("new")));
}

TEST_F(Corpus, StatsCount)
{
	directory_.file("refcount/raw/one", std::string("\x00\x01\x02", 3));
	const Captured shown = capture({ "corpus", "stats", path("refcount"), "--json" });
	ASSERT_EQ(shown.status, kClean) << shown.err;
	const Json rows = Json::parse(shown.out);
	ASSERT_EQ(rows.size(), 3u);
	std::map<std::string, Json> by_kind;
	for (const Json &row : rows)
		by_kind[row["kind"]] = row;
	EXPECT_EQ(by_kind["raw"]["files"], 1);
	EXPECT_EQ(by_kind["raw"]["bytes"], 3);
	EXPECT_EQ(by_kind["raw"]["operations"], 2);
	EXPECT_GT(by_kind["seeds"]["features"], 0);
	EXPECT_TRUE(by_kind["seeds"]["findings"].empty());
	EXPECT_GT(by_kind["witnesses"]["findings"].size(), 5u);
	EXPECT_TRUE(has(capture({ "corpus", "stats", path("refcount") }).out, "51 files\n"));
}

TEST_F(Corpus, RawBytesNeedAScheme)
{
	directory_.file("flat/one", "abc");
	const Captured captured = capture({ "corpus", "stats", path("flat") });
	EXPECT_EQ(captured.status, kUsage);
	EXPECT_TRUE(has(captured.err, "say --scheme NAME")) << captured.err;
	EXPECT_EQ(capture({ "corpus", "stats", path("flat"), "--scheme", "refcount" }).status,
		  kClean);
}

TEST_F(Corpus, MergeKeepsWhatIsShownAndTouchesNothing)
{
	fs::create_directory(path("twin"));
	fs::copy(path("refcount"), path("twin/refcount"), kAll);
	directory_.file("twin/refcount/raw/small", std::string("\x00\x01\x02", 3));
	directory_.file("twin/refcount/raw/same", std::string("\x00\x01\x02\x00", 4));
	directory_.file("twin/refcount/seeds/kept.sched",
			"# keep\nlazymm-schedule 1\nscheme refcount\n");
	const Snapshot before = snapshot(directory_.path());
	const Captured merged = capture(
		{ "corpus", "merge", "-o", path("new"), path("refcount"), path("twin/refcount") });
	ASSERT_EQ(merged.status, kClean) << merged.err;
	const Snapshot kept = snapshot(path("new"));
	for (const auto &[name, content] : before)
		EXPECT_EQ(content_of(path(name)), content) << name;
	// Witnesses once; of two that show the same the smaller one.
	EXPECT_EQ(kept.count(kWitness), 1u);
	EXPECT_EQ(kept.at(kWitness), text(kWitness));
	EXPECT_EQ(kept.count("seeds/kept.sched"), 1u);
	EXPECT_EQ(kept.count("witnesses/rc-missing-grab-u2k-2.sched"), 0u);
	EXPECT_EQ(std::count_if(kept.begin(), kept.end(),
				[](const auto &file) { return has(file.first, "/same"); }),
		  0);
	// Nothing is shown by the inputs that the new one does not show.
	const Captured both = capture({ "corpus", "merge", "-o", path("again"), path("new"),
					path("refcount"), path("twin/refcount") });
	const Captured one = capture({ "corpus", "merge", "-o", path("alone"), path("new") });
	const auto shows = [](const std::string &text) { return text.substr(text.find("): ")); };
	EXPECT_EQ(shows(both.out), shows(one.out));
	EXPECT_EQ(snapshot(path("alone")), kept) << "not a fixed point";
	// The order of the arguments decides names at most.
	ASSERT_EQ(capture({ "corpus", "merge", "-o", path("turned"), path("twin/refcount"),
			    path("refcount") })
			  .status,
		  kClean);
	EXPECT_EQ(snapshot(path("turned")), kept);

	const Captured taken = capture({ "corpus", "merge", "-o", path("new"), path("refcount") });
	EXPECT_EQ(taken.status, kUsage);
	EXPECT_TRUE(has(taken.err, "exists already and is left as it is")) << taken.err;
	EXPECT_EQ(snapshot(path("new")), kept);
}

TEST_F(Corpus, MergeKeepsTwoThatHaveOneName)
{
	directory_.file("twin/refcount/" + std::string(kWitness), "# Other.\n" + text(kWitness));
	ASSERT_EQ(capture({ "corpus", "merge", "-o", path("new"), path("refcount"),
			    path("twin/refcount") })
			  .status,
		  kClean);
	EXPECT_EQ(content_of(path("new/") + kWitness), text(kWitness));
	EXPECT_EQ(content_of(path("new/witnesses/rc-missing-grab-u2k-2.sched")),
		  "# Other.\n" + text(kWitness));
}

TEST_F(Corpus, MergeKeepsWhatItCannotJudge)
{
	write("seeds/newer.sched", "lazymm-schedule 9\nscheme refcount\n");
	write("seeds/elsewhere.sched", "# Mine.\nlazymm-schedule 1\nscheme mine\n");
	const Captured merged = capture({ "corpus", "merge", "-o", path("new"), path("refcount") });
	EXPECT_EQ(merged.status, kClean);
	EXPECT_EQ(std::count(merged.err.begin(), merged.err.end(), '\n'), 2) << merged.err;
	EXPECT_TRUE(fs::exists(path("new/seeds/newer.sched")));
	EXPECT_TRUE(fs::exists(path("new/seeds/elsewhere.sched")));
}

TEST_F(Corpus, MergedBytesStillSayTheirScheme)
{
	directory_.file("raw/shootdown/one", std::string("\x00\x01\x02", 3));
	directory_.file("raw/refcount/one", std::string("\x00\x01\x02", 3));
	ASSERT_EQ(capture({ "corpus", "merge", "-o", path("new"), path("raw/shootdown"),
			    path("raw/refcount") })
			  .status,
		  kClean);
	EXPECT_TRUE(fs::exists(path("new/shootdown/one")));
	EXPECT_TRUE(fs::exists(path("new/refcount/one")));
}

TEST_F(Corpus, PruneInPlaceLosesNothing)
{
	write("seeds/one.sched", "# Nothing.\nlazymm-schedule 1\nscheme refcount\n");
	write("seeds/two.sched", "# Nothing either.\nlazymm-schedule 1\nscheme refcount\n");
	write("README.md", "what is here");
	fs::create_symlink("nowhere", path("refcount/dangling"));
	fs::create_directory_symlink("refcount", path("link"));
	const Snapshot before = snapshot(path("refcount"));
	const Captured pruned = capture({ "corpus", "prune", path("link"), "--in-place" });
	ASSERT_EQ(pruned.status, kClean) << pruned.err;
	EXPECT_EQ(snapshot(path("refcount.old-1")), before);
	Snapshot now = snapshot(path("refcount"));
	EXPECT_LT(now.size(), before.size());
	EXPECT_EQ(now.count("README.md"), 1u);
	EXPECT_TRUE(fs::is_symlink(path("refcount/dangling")));
	for (const auto &[name, content] : now)
		EXPECT_EQ(before.at(name), content) << name;
	for (const auto &[name, content] : before) {
		if (name.starts_with("witnesses/"))
			EXPECT_EQ(now.count(name), 1u) << name;
	}
	EXPECT_EQ(capture({ "corpus", "prune", path("refcount"), "--in-place" }).status, kClean);
	EXPECT_EQ(snapshot(path("refcount")), now) << "not a fixed point";
	EXPECT_TRUE(fs::exists(path("refcount.old-2")));
	// What was put away is no part of the corpus around it.
	EXPECT_EQ(capture({ "corpus", "check", "--part", directory_.path() }).status, kClean);
}

TEST_F(Corpus, PruneWantsOnePlace)
{
	EXPECT_EQ(capture({ "corpus", "prune", path("refcount") }).status, kUsage);
	EXPECT_EQ(capture({ "corpus", "prune", path("refcount"), "-o", path("new"), "--in-place" })
			  .status,
		  kUsage);
	EXPECT_EQ(capture({ "corpus", "prune", path("missing"), "--in-place" }).status, kUsage);
	ASSERT_EQ(capture({ "corpus", "prune", path("refcount"), "-o", path("new") }).status,
		  kClean);
	EXPECT_TRUE(fs::exists(path("new/") + kWitness));
}

TEST_F(Corpus, AdoptMakesARegression)
{
	const std::string crash = path("crash-1");
	const std::string longer = text(kWitness) + "  touch\n  sync_rcu\n";
	ASSERT_EQ(capture({ "bytes", "-", "-o", crash }, longer).status, kClean);
	fs::create_directory(path("corpus"));
	const Arguments adopt{ "corpus",   "adopt",	  crash, "--bug", "rc-missing-grab-u2k",
			       "--corpus", path("corpus") };
	const Captured adopted = capture(adopt);
	ASSERT_EQ(adopted.status, kClean) << adopted.err;
	const std::string file = path("corpus/refcount/regressions/mm-count-live-mm-freed.sched");
	EXPECT_TRUE(has(adopted.out, "  adopted: " + file + "\n")) << adopted.out;
	EXPECT_TRUE(has(adopted.out, "lazymm: VIOLATION mm-count: live-mm-freed"));
	const std::string written = content_of(file);
	for (const char *line :
	     { "# mm-count: live-mm-freed\n", "# expect: mm-count live-mm-freed\n",
	       "# from: found by crash-1, lazymm ",
	       "# found: lazymm corpus adopt crash-1 --scheme refcount --bug rc-missing-grab-u2k\n",
	       "bug rc-missing-grab-u2k\n" })
		EXPECT_TRUE(has(written, line)) << line << written;
	EXPECT_FALSE(has(written, "touch")) << written;
	EXPECT_EQ(capture({ "corpus", "check", "--part", path("corpus") }).status, kClean);

	const Captured again = capture(adopt);
	EXPECT_EQ(again.status, kUsage);
	EXPECT_TRUE(has(again.err, "is there already, as '" + file)) << again.err;
	EXPECT_EQ(snapshot(path("corpus")).size(), 1u);
}

TEST_F(Corpus, AdoptTakesTheSchemeFromThePlaceAndTheNameThatIsGiven)
{
	fs::create_directory(path("corpus"));
	const std::string crash = directory_.file(
		"fuzz/lazymm-2021/artifacts/crash-1f0",
		capture({ "bytes", kCommitted + "/lazymm-2021/witnesses/finish-cpu.sched" }).out);
	const Captured adopted =
		capture({ "corpus", "adopt", crash, "--corpus", path("corpus"), "--name", "mine",
			  "--from", "a\nmail", "--no-minimize", "--oracles", "mm-count" });
	ASSERT_EQ(adopted.status, kClean) << adopted.err;
	const std::string written = content_of(path("corpus/lazymm-2021/regressions/mine.sched"));
	EXPECT_TRUE(has(written, "# from: a\\x0amail\n# found: ")) << written;
	EXPECT_TRUE(has(written, "# oracles: mm-count\n")) << written;
	EXPECT_EQ(capture({ "corpus", "check", "--part", path("corpus") }).status, kClean);
	// Another one under this name.
	const Captured taken =
		capture({ "corpus", "adopt", kCommitted + "/lazymm-2021/witnesses/exec.sched",
			  "--corpus", path("corpus"), "--name", "mine" });
	EXPECT_EQ(taken.status, kUsage);
	EXPECT_TRUE(has(taken.err, "exists already and is left as it is")) << taken.err;
	EXPECT_EQ(content_of(path("corpus/lazymm-2021/regressions/mine.sched")), written);
}

TEST_F(Corpus, AdoptRefusesAndGoesOn)
{
	fs::create_directory(path("corpus"));
	const std::string good = path("refcount/") + kWitness;
	const std::string silent = path("refcount/seeds/oom-victim.sched");
	const Captured captured =
		capture({ "corpus", "adopt", silent, good, good, "--corpus", path("corpus") });
	EXPECT_EQ(captured.status, kUsage);
	EXPECT_TRUE(has(captured.err, "oom-victim.sched' shows nothing on scheme refcount"));
	EXPECT_TRUE(has(captured.err, "is there already, as ")) << captured.err;
	EXPECT_EQ(std::count(captured.err.begin(), captured.err.end(), '\n'), 2);
	EXPECT_EQ(snapshot(path("corpus")).size(), 1u);
	EXPECT_EQ(capture({ "corpus", "adopt", good, "--corpus", path("none") }).status, kUsage);
	EXPECT_EQ(capture({ "corpus", "adopt", good, "--corpus", path("corpus"), "--name", "../x" })
			  .status,
		  kUsage);
	EXPECT_FALSE(fs::exists(path("none")));
}

TEST_F(Corpus, ASearchStartsFromRegressions)
{
	directory_.file("corpus/regressions/a.sched",
			content_of(kCommitted + "/lazymm-2021/witnesses/finish-cpu.sched"));
	const Captured found =
		capture({ "run", "--scheme", "lazymm-2021", "--oracles", "mm-count", "--runs", "1",
			  "--corpus", path("corpus"), "--no-minimize" });
	EXPECT_EQ(found.status, kViolation) << found.out;
}

TEST_F(Corpus, LeftoversGoWhenTheirOwnerIsGone)
{
	directory_.file(".lazymm-1-0.tmp/refcount/seeds/half.sched", "lazymm-sch");
	const std::string held = directory_.file(".lazymm-1-1.tmp", "somebody is at it");
	const int lock = open(held.c_str(), O_RDONLY);
	ASSERT_EQ(flock(lock, LOCK_EX), 0);
	fs::create_symlink("/", path(".lazymm-1-2.tmp"));
	ASSERT_EQ(capture({ "corpus", "merge", "-o", path("new"), path("refcount") }).status,
		  kClean);
	EXPECT_FALSE(fs::exists(path(".lazymm-1-0.tmp")));
	EXPECT_TRUE(fs::exists(held));
	EXPECT_TRUE(fs::is_symlink(path(".lazymm-1-2.tmp")));
	close(lock);
	ASSERT_EQ(capture({ "corpus", "merge", "-o", path("newer"), path("refcount") }).status,
		  kClean);
	EXPECT_FALSE(fs::exists(held));
}

TEST_F(Corpus, EveryVerbHasHelpAndKnowsSlipsOfThePen)
{
	for (const char *verb : { "check", "stats", "merge", "prune", "adopt" }) {
		const Captured help = capture({ "corpus", verb, "--help" });
		EXPECT_EQ(help.status, kClean);
		EXPECT_TRUE(has(help.out, std::string("example: lazymm corpus ") + verb))
			<< help.out;
	}
	EXPECT_EQ(capture({ "corpus" }).status, kUsage);
	EXPECT_TRUE(has(capture({ "corpus", "chekc" }).err, "did you mean 'check'?"));
}

} // namespace
} // namespace lazymm::command
