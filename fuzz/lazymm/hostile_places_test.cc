// SPDX-License-Identifier: MIT
// What is no file, or not to be read, given to each verb; and hostile files given to the real
// command, through pipes and FIFOs.
#include "fuzz/lazymm/hostile_test.h"

#include "fuzz/lazymm/failure.h"

#include <csignal>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace lazymm::command
{
namespace
{

namespace fs = std::filesystem;

constexpr bool kSanitized = LAZYMM_ASAN || LAZYMM_TSAN;
constexpr std::uint32_t kProcesses = kSanitized ? 40 : 300;

class HostilePlaces : public testing::Test
{
protected:
	HostilePlaces()
	{
		const std::string &there = directory_.path();
		fs::create_directory(there + "/directory");
		mkfifo((there + "/fifo").c_str(), 0666);
		fs::create_symlink("nowhere", there + "/dangling");
		fs::create_symlink("loop", there + "/loop");
		fs::create_symlink("/dev/zero", there + "/zero");
		directory_.file("forbidden", "lazymm-schedule 1\nscheme refcount\n");
		chmod((there + "/forbidden").c_str(), 0);
		socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
		sockaddr_un address{ .sun_family = AF_UNIX };
		std::strncpy(address.sun_path, (there + "/socket").c_str(),
			     sizeof address.sun_path - 1);
		bind(socket_, reinterpret_cast<sockaddr *>(&address), sizeof address);
	}
	~HostilePlaces() override { close(socket_); }

	std::vector<std::string> places() const
	{
		std::vector<std::string> all;
		for (const char *name : { "directory", "fifo", "dangling", "loop", "zero", "socket",
					  "missing", "missing/below", "fifo/below", kStrange })
			all.push_back(directory_.path(name));
		if (geteuid() != 0) // who may read everything
			all.push_back(directory_.path("forbidden"));
		all.insert(all.end(), { "", "/dev/zero", "/dev/null", "/dev/full", "/proc/self/mem",
					std::string(5000, 'x'), std::string(300, 'y') });
		return all;
	}

	/// A place where a new file or a corpus may well be.
	bool can_be_made(const std::string &place) const
	{
		for (const char *name : { "directory", "missing", "missing/below", kStrange }) {
			if (place == directory_.path(name))
				return true;
		}
		return place.empty(); // none is asked for
	}

	static constexpr const char *kStrange = "\x1b[31m\xff";
	const TestDirectory directory_;
	int socket_ = -1;
};

TEST_F(HostilePlaces, AreRefusedByEachVerb)
{
	fs::create_directory(directory_.path("corpus"));
	for (const std::string &place : places()) {
		const Arguments all[] = {
			{ "replay", place },
			{ "minimize", place },
			{ "show", place },
			{ "bytes", place },
			{ "diff", place },
			{ "litmus", place },
			{ "corpus", "adopt", place, "--corpus", directory_.path("corpus") },
			{ "corpus", "adopt", "LMM1:lazymm-2021:ACG9", "--corpus", place },
			{ "corpus", "stats", place },
			{ "corpus", "check", place },
			{ "corpus", "merge", "-o", directory_.path("new"), place },
			{ "corpus", "prune", "-o", directory_.path("new"), place },
			{ "corpus", "prune", "--in-place", place },
			{ "corpus", "check", directory_.path(), "--at-least", place },
			{ "show", "LMM1:lazymm-2021:ACG9", "-o", place },
			{ "run", "--scheme", "refcount", "--runs", "1", "--out",
			  place + "/below/it" },
		};
		for (const Arguments &arguments : all) {
			// What takes directories may do so; what makes files makes no others.
			const bool makes = arguments[1] == "adopt" || arguments[0] == "show";
			if (makes && can_be_made(place))
				continue;
			const Captured captured = capture_in_memory(arguments);
			EXPECT_EQ(wrong_with(captured, false, 16'000), "")
				<< arguments[0] << " " << arguments[1] << " " << place;
			EXPECT_EQ(captured.status, kUsage) << arguments[0] << " " << arguments[1]
							   << " " << place << ": " << captured.err;
		}
	}
	EXPECT_FALSE(fs::exists(directory_.path("new")));
	// Beside schedules they are passed over.
	directory_.file("seeds/refcount/a.sched", "# a\nlazymm-schedule 1\nscheme refcount\n");
	chmod(directory_.path("forbidden").c_str(), 0644);
	EXPECT_EQ(
		capture_in_memory({ "corpus", "stats", directory_.path(), "--scheme", "refcount" })
			.status,
		kClean);
}

/// The real command, with less memory than a machine has; its standard input is what `feed` writes.
class Process
{
public:
	Process(const Arguments &arguments, int in)
	{
		std::string program = LAZYMM_BIN_DIR "/lazymm";
		std::vector<char *> argv{ program.data() };
		Arguments copy = arguments;
		for (std::string &argument : copy)
			argv.push_back(argument.data());
		argv.push_back(nullptr);
		posix_spawn_file_actions_t actions;
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
		posix_spawn_file_actions_adddup2(&actions, fileno(out_), STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, fileno(err_), STDERR_FILENO);
		rlimit old{};
		getrlimit(RLIMIT_AS, &old);
		const rlimit small{ 1 << 30, old.rlim_max };
		if (!kSanitized) // their shadow takes more
			setrlimit(RLIMIT_AS, &small);
		EXPECT_EQ(posix_spawn(&child_, program.c_str(), &actions, nullptr, argv.data(),
				      environ),
			  0);
		setrlimit(RLIMIT_AS, &old);
		posix_spawn_file_actions_destroy(&actions);
	}

	Captured wait()
	{
		int status = 0;
		waitpid(child_, &status, 0);
		Captured captured{ WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
				   content(out_), content(err_) };
		std::fclose(out_);
		std::fclose(err_);
		return captured;
	}

private:
	std::FILE *out_ = std::tmpfile(), *err_ = std::tmpfile();
	pid_t child_ = 0;
};

TEST_F(HostilePlaces, TheRealCommandAndPipes)
{
	std::signal(SIGPIPE, SIG_IGN); // it may well not read all
	HostileFiles files;
	const Arguments verbs[] = {
		{ "replay", "-" }, { "minimize", "-", "--replays", "50" },
		{ "show", "-" },   { "bytes", "-" },
		{ "diff", "-" },   { "corpus", "adopt", "-", "--corpus", directory_.path() }
	};
	for (std::uint32_t n = 0; n < kProcesses; n++) {
		const std::string content = files.make(n);
		Arguments arguments = verbs[n % std::size(verbs)];
		if (n % 4 < 2)
			arguments.insert(arguments.end(), { "--scheme", "refcount" });
		int ends[2];
		ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
		Process process(arguments, ends[0]);
		close(ends[0]);
		for (std::size_t at = 0; at < content.size();) {
			const ssize_t written =
				write(ends[1], content.data() + at,
				      std::min<std::size_t>(content.size() - at, 5000));
			if (written < 0)
				break;
			at += static_cast<std::size_t>(written);
		}
		close(ends[1]);
		EXPECT_EQ(wrong_with(process.wait(), arguments[0] == "bytes"), "")
			<< arguments[0] << ", file " << n;
	}
	std::signal(SIGPIPE, SIG_DFL);
}

TEST_F(HostilePlaces, TheRealCommandAndFifos)
{
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (const char *verb : { "replay", "minimize", "show", "bytes", "diff", "litmus" }) {
		// Nobody writes; and somebody has it open, and writes nothing.
		Process lonely({ verb, directory_.path("fifo") }, null);
		EXPECT_EQ(lonely.wait().status, kUsage) << verb;
		const int writer = open(directory_.path("fifo").c_str(), O_RDWR | O_CLOEXEC);
		Process silent({ verb, directory_.path("fifo") }, null);
		const Captured captured = silent.wait();
		EXPECT_EQ(captured.status, kUsage) << verb;
		EXPECT_EQ(wrong_with(captured, false), "") << verb;
		close(writer);
	}
	close(null);
}

} // namespace
} // namespace lazymm::command
