// SPDX-License-Identifier: MIT
// SIGKILL at any moment of what writes files. What is in files changes in system calls only, so
// every moment is one between two of them: a child carries the command out under ptrace, is counted
// through once, and is then killed 50 times, each time further on. No clock decides when.
#include "fuzz/lazymm/command_test.h"
#include "fuzz/lazymm/directory_test.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/new_directory.h"

#include <csignal>
#include <filesystem>
#include <functional>
#include <random>

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;

constexpr unsigned kKills = 50;
constexpr unsigned kNever = ~0u;
const std::string kCommitted = LAZYMM_SOURCE_DIR "/corpus";

struct Traced {
	unsigned stops = 0; ///< before and behind each system call
	int status = -1;    ///< exit status; -1: killed
};

/// Does the work in a child, which is killed at its n-th stop; the work returns its exit status.
Traced run_until(unsigned n, const std::function<int()> &work)
{
	const pid_t child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
			_exit(111);
		raise(SIGSTOP);
		_exit(work());
	}
	Traced traced;
	int status = 0;
	waitpid(child, &status, 0);
	EXPECT_TRUE(WIFSTOPPED(status)) << "this test needs ptrace() of its own children";
	if (!WIFSTOPPED(status))
		return traced;
	ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (long signal = 0;; traced.stops++) {
		if (traced.stops == n)
			kill(child, SIGKILL);
		ptrace(PTRACE_SYSCALL, child, nullptr, signal);
		if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			break;
		signal = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
	}
	traced.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return traced;
}

Traced run_until(unsigned n, const Arguments &arguments)
{
	return run_until(n, [&] { return capture_in_memory(arguments).status; });
}

class Kill : public testing::Test
{
protected:
	/// In a directory of its own each time: makes what there is, in `there`, and returns the
	/// command.
	using Prepare = std::function<Arguments(const std::string &there)>;
	/// What may stand there after a kill; `before` and `after` are those of a whole run.
	using Judge = std::function<void(const std::string &there, const Snapshot &before,
					 const Snapshot &after)>;

	static void kill_often(int status, const Prepare &prepare, const Judge &judge)
	{
		Snapshot after;
		unsigned stops = 0;
		{
			const TestDirectory whole;
			const Arguments arguments = prepare(whole.path());
			const Traced traced = run_until(kNever, arguments);
			ASSERT_EQ(traced.status, status);
			stops = traced.stops;
			after = snapshot(whole.path());
		}
		ASSERT_GT(stops, kKills);
		std::mt19937 random(stops); // the same ones in every run
		unsigned killed = 0;
		for (unsigned i = 0; i < kKills; i++) {
			const unsigned first = i * stops / kKills, next = (i + 1) * stops / kKills;
			const unsigned at = first + random() % (next - first);
			SCOPED_TRACE("killed at stop " + std::to_string(at));
			killed += kill_once(at, status, prepare, judge, after);
			if (HasFailure())
				return;
		}
		// A sanitizer's runtime stops, too, and not always as often.
		EXPECT_GE(killed, LAZYMM_TSAN || LAZYMM_ASAN ? kKills * 4 / 5 : kKills);
	}

private:
	/// False if it was done before that stop.
	static bool kill_once(unsigned at, int status, const Prepare &prepare, const Judge &judge,
			      const Snapshot &after)
	{
		const TestDirectory directory;
		const std::string &there = directory.path();
		const Arguments arguments = prepare(there);
		const Snapshot before = snapshot(there);
		const int ended = run_until(at, arguments).status;
		EXPECT_TRUE(ended == -1 || ended == status) << ended;
		EXPECT_EQ(bad_files(there, false), std::vector<std::string>());
		judge(there, before, after);
		// The next one finishes, or says that it is done; and tidies up.
		const int again = capture_in_memory(arguments).status;
		EXPECT_TRUE(again == status || again == kUsage) << again;
		EXPECT_EQ(bad_files(there, true), std::vector<std::string>());
		judge(there, before, after);
		return ended == -1;
	}
};

/// All that was there is there, with what was in it; `extra` is what came.
Snapshot came(const std::string &there, const Snapshot &before)
{
	Snapshot extra;
	for (const auto &[name, content] : snapshot(there)) {
		const auto it = before.find(name);
		if (it != before.end())
			EXPECT_EQ(content, it->second) << name;
		else if (!unfinished(name))
			extra[name] = content;
	}
	for (const auto &[name, content] : before)
		EXPECT_TRUE(fs::exists(there + "/" + name)) << name << " is lost";
	return extra;
}

/// Nothing came, or all that comes.
void all_or_nothing(const std::string &there, const Snapshot &before, const Snapshot &after)
{
	const Snapshot extra = came(there, before);
	if (extra.empty())
		return;
	Snapshot wanted = after;
	for (const auto &[name, content] : before)
		wanted.erase(name);
	EXPECT_EQ(extra, wanted);
}

void copy_corpus(const std::string &to)
{
	fs::create_directories(to);
	fs::copy(kCommitted + "/no-lazy-2021", to + "/no-lazy-2021", fs::copy_options::recursive);
	fs::create_directories(to + "/no-lazy-2021/raw");
	for (const char *raw : { "one", "two" })
		std::ofstream(to + "/no-lazy-2021/raw/" + raw) << raw;
	std::ofstream(to + "/README.md") << "what is here\n";
}

/// Would we see it if a file had its name too early?
TEST_F(Kill, SeesAWriterWithoutCare)
{
	const std::string text = "lazymm-schedule 1\nscheme refcount\n";
	unsigned half_written = 0;
	for (unsigned n = 0;; n++) {
		const TestDirectory directory;
		const Traced traced = run_until(n, [&] {
			std::FILE *file = std::fopen(directory.path("a.sched").c_str(), "w");
			std::setbuf(file, nullptr);
			std::fputs(text.substr(0, 10).c_str(), file);
			std::fputs(text.substr(10).c_str(), file);
			return std::fclose(file);
		});
		half_written += !bad_files(directory.path(), false).empty();
		if (traced.status != -1 || HasFailure())
			break;
	}
	EXPECT_GT(half_written, 0u);
}

TEST_F(Kill, AMinimise)
{
	kill_often(
		kViolation,
		[](const std::string &there) {
			return Arguments{ "minimize",
					  kCommitted + "/lazymm-2021/witnesses/exit-mm.sched", "-o",
					  there + "/new.sched" };
		},
		[](const std::string &there, const Snapshot &before, const Snapshot &after) {
			all_or_nothing(there, before, after);
		});
}

TEST_F(Kill, AMerge)
{
	kill_often(
		kClean,
		[](const std::string &there) {
			copy_corpus(there + "/a");
			copy_corpus(there + "/b");
			return Arguments{ "corpus",	  "merge",	"-o",
					  there + "/new", there + "/a", there + "/b" };
		},
		all_or_nothing);
}

TEST_F(Kill, AnAdopt)
{
	kill_often(
		kClean,
		[](const std::string &there) {
			fs::create_directories(there + "/corpus");
			return Arguments{ "corpus", "adopt",
					  kCommitted + "/lazymm-2021/witnesses/exit-mm.sched",
					  "--corpus", there + "/corpus" };
		},
		all_or_nothing);
}

/// In its own place: what was there is there, or in what was put away; and something is there.
TEST_F(Kill, APrune)
{
	const auto below = [](const Snapshot &files, const std::string &directory) {
		Snapshot found;
		for (const auto &[name, content] : files) {
			if (name.starts_with(directory + "/"))
				found[name.substr(directory.size() + 1)] = content;
		}
		return found;
	};
	kill_often(
		kClean,
		[](const std::string &there) {
			copy_corpus(there + "/corpus");
			// Something to drop.
			for (const char *name : { "x", "y" })
				std::ofstream(there + "/corpus/no-lazy-2021/raw/" + name)
					<< std::string(3, '\0') << name;
			return Arguments{ "corpus", "prune", there + "/corpus", "--in-place" };
		},
		[&](const std::string &there, const Snapshot &before, const Snapshot &after) {
			const Snapshot old = below(before, "corpus"),
				       fresh = below(after, "corpus");
			const Snapshot now = snapshot(there);
			const Snapshot is = below(now, "corpus");
			ASSERT_LT(fresh.size(), old.size());
			EXPECT_TRUE(is == old || is == fresh);
			bool whole = is == old;
			for (const auto &entry : fs::directory_iterator(there)) {
				const std::string name = entry.path().filename().string();
				if (!is_put_away(name))
					continue;
				const Snapshot away = below(now, name);
				EXPECT_TRUE(away == old || away == fresh) << name;
				whole |= away == old;
			}
			EXPECT_TRUE(whole) << "what was there is lost";
		});
}

} // namespace
} // namespace lazymm::command
