// SPDX-License-Identifier: MIT
// A disk that is full: each verb that writes says so in one line, exits 2, and nothing is lost or
// half written. Twice: on a small tmpfs that is filled up, which takes a mount namespace of our own
// (where there is none, the test says so), and with a limit on the size of files, which always can
// be had.
#include "fuzz/lazymm/command_test.h"
#include "fuzz/lazymm/directory_test.h"
#include "fuzz/lazymm/failure.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;

const std::string kCommitted = LAZYMM_SOURCE_DIR "/corpus";

/// In a directory: what writes there.
std::vector<Arguments> writers(const std::string &there)
{
	const std::string witness = there + "/corpus/lazymm-2021/witnesses/exit-mm.sched";
	return {
		{ "run", "--scheme", "lazymm-2021", "--runs", "200000", "--out", there + "/found" },
		{ "minimize", witness, "-o", there + "/minimal.sched" },
		{ "show", witness, "-o", there + "/shown.sched" },
		{ "bytes", witness, "-o", there + "/raw" },
		{ "corpus", "merge", "-o", there + "/merged", there + "/corpus" },
		{ "corpus", "prune", "-o", there + "/pruned", there + "/corpus" },
		{ "corpus", "prune", "--in-place", there + "/corpus" },
		{ "corpus", "adopt", kCommitted + "/lazymm-2020/witnesses/exit-mm.sched",
		  "--corpus", there + "/corpus" },
	};
}

/// Fills up `there` but for some bytes; takes the rest away again at the end.
class Filler
{
public:
	Filler(const std::string &there, std::size_t left) : path_(there + "/filler")
	{
		const int file = open(path_.c_str(), O_WRONLY | O_CREAT, 0666);
		const std::string page(4096, 'x');
		off_t size = 0;
		for (ssize_t n; (n = write(file, page.data(), page.size())) > 0;)
			size += n;
		full_ = errno == ENOSPC &&
			ftruncate(file, std::max<off_t>(0, size - static_cast<off_t>(left))) == 0;
		close(file);
	}
	~Filler() { unlink(path_.c_str()); }
	bool full() const { return full_; }

private:
	std::string path_;
	bool full_ = false;
};

/// What one verb did wrong on a full disk, one line each.
std::string wrong_with(const Captured &captured, const std::string &there, const Snapshot &before,
		       const char *reason)
{
	std::string wrong;
	const bool failed = captured.status == kUsage;
	if (failed && captured.err.find(reason) == std::string::npos)
		wrong += "does not say \"" + std::string(reason) + "\": " + captured.err;
	if (failed && std::count(captured.err.begin(), captured.err.end(), '\n') != 1)
		wrong += "not one line: " + captured.err;
	if (!failed && captured.status != kClean && captured.status != kViolation)
		wrong += "status " + std::to_string(captured.status) + ": " + captured.err;
	for (const std::string &file : bad_files(there, true))
		wrong += "left behind: " + file + "\n";
	const Snapshot after = snapshot(there);
	for (const auto &[name, content] : before) {
		const auto it = after.find(name);
		const auto away = after.find(
			"corpus.old-1" + name.substr(std::min(name.size(), std::strlen("corpus"))));
		if ((it == after.end() || it->second != content) &&
		    (away == after.end() || away->second != content))
			wrong += "lost: " + name + "\n";
	}
	if (failed && after != before)
		wrong += "something came of it\n";
	return wrong;
}

void copy_corpus(const std::string &there)
{
	fs::create_directories(there + "/corpus/lazymm-2020");
	fs::copy(kCommitted + "/lazymm-2021", there + "/corpus/lazymm-2021",
		 fs::copy_options::recursive);
}

/// Runs all writers, each with a corpus that is new and with a disk that `limit` makes small.
/// Returns what was wrong, and how many failed.
using Limited = std::function<Captured(const Arguments &arguments)>;
std::string try_all(const std::string &there, const Limited &limited, const char *reason,
		    unsigned &failures)
{
	std::string wrong;
	for (std::size_t i = 0; i < writers(there).size(); i++) {
		fs::create_directories(there);
		for (const auto &entry : fs::directory_iterator(there))
			fs::remove_all(entry.path());
		copy_corpus(there);
		const Arguments arguments = writers(there)[i];
		const Snapshot before = snapshot(there);
		const Captured captured = limited(arguments);
		failures += captured.status == kUsage;
		const std::string line = wrong_with(captured, there, before, reason);
		if (!line.empty())
			wrong += arguments[0] + " " + arguments[1] + ": " + line;
	}
	return wrong;
}

/// In a child: a process that has its own mounts and limits.
void in_a_child(const std::function<std::string()> &work)
{
	const pid_t child = fork();
	if (child == 0) {
		std::signal(SIGXFSZ, SIG_IGN); // as command_main() does
		const std::string wrong = work();
		std::fputs(wrong.c_str(), stderr);
		_exit(!wrong.empty());
	}
	int status = 0;
	waitpid(child, &status, 0);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "see above";
}

TEST(FullDisk, WithALimitOnFiles)
{
	const TestDirectory directory;
	in_a_child([&] {
		std::string wrong;
		for (const rlim_t limit : { 0, 1, 100 }) {
			unsigned failures = 0;
			const auto limited = [&](const Arguments &arguments) {
				rlimit old{};
				getrlimit(RLIMIT_FSIZE, &old);
				const rlimit tiny{ limit, old.rlim_max };
				setrlimit(RLIMIT_FSIZE, &tiny);
				const Captured captured = capture_in_memory(arguments);
				setrlimit(RLIMIT_FSIZE, &old);
				return captured;
			};
			wrong += try_all(directory.path("disk"), limited, "File too large",
					 failures);
			// Only raw bytes, and text without comments, are shorter than 100.
			const std::size_t all = writers("").size();
			if (failures != (limit < 100 ? all : all - 2))
				wrong += "limit " + std::to_string(limit) + ": " +
					 std::to_string(failures) + " failed\n";
		}
		return wrong;
	});
}

/// True if there is a tmpfs of some 400 KB at `there` now, for this process alone.
bool mount_small(const std::string &there)
{
	const int flags = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
	if (unshare(flags) != 0 && unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0)
		return false;
	mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
	fs::create_directories(there);
	return mount("tmpfs", there.c_str(), "tmpfs", 0, "size=400k") == 0;
}

TEST(FullDisk, WithASmallTmpfs)
{
	const TestDirectory directory;
	in_a_child([&] {
		const std::string there = directory.path("disk");
		if (!mount_small(there)) {
			std::fputs("no tmpfs can be mounted here: the limit on the size of files "
				   "is all that was tried\n",
				   stderr);
			return std::string();
		}
		std::string wrong;
		unsigned all_failures = 0;
		for (const std::size_t left : { 0, 1, 2, 5, 20 }) {
			unsigned failures = 0;
			const auto limited = [&](const Arguments &arguments) {
				const Filler filler(there, left * 4096);
				return filler.full() ? capture_in_memory(arguments)
						     : Captured{ .status = -1 };
			};
			wrong += try_all(there, limited, "No space left on device", failures);
			if (left == 0 && failures != writers("").size())
				wrong += std::to_string(failures) + " failed on a full disk\n";
			all_failures += failures;
		}
		if (all_failures == 5 * writers("").size())
			wrong += "nobody ever got through\n";
		return wrong;
	});
}

} // namespace
} // namespace lazymm::command
