// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/files.h"

#include "fuzz/lazymm/descriptor.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/leftovers.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

const char *kind_of(const struct stat &status)
{
	if (S_ISDIR(status.st_mode))
		return "a directory";
	if (S_ISFIFO(status.st_mode))
		return "a FIFO";
	if (S_ISSOCK(status.st_mode))
		return "a socket";
	return "a device";
}

} // namespace

std::string read_stream(int descriptor, const char *name)
{
	std::string content;
	char buffer[16384];
	for (;;) {
		const ssize_t n = read(descriptor, buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			throw Failure(
				fmt::format("cannot read {}: {}", name, std::strerror(errno)));
		if (n == 0)
			return content;
		content.append(buffer, static_cast<std::size_t>(n));
		if (content.size() > kMaxInput)
			throw Failure(
				fmt::format("{} has more than {} bytes; a schedule is smaller, is "
					    "this one?",
					    name, kMaxInput));
	}
}

std::string read_file(const std::string &path)
{
	// O_NONBLOCK: a FIFO that nobody writes to must not hang us.
	const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
	if (file.get() < 0)
		throw Failure(
			fmt::format("cannot open '{}': {}; give a file, a token (LMM1:...) or "
				    "'-' for standard input",
				    path, std::strerror(errno)));
	struct stat status{};
	if (fstat(file.get(), &status) != 0)
		throw Failure(fmt::format("cannot look at '{}': {}", path, std::strerror(errno)));
	if (!S_ISREG(status.st_mode))
		throw Failure(fmt::format("'{}' is {}, not a file; for standard input give '-'",
					  path, kind_of(status)));
	return read_stream(file.get(), fmt::format("'{}'", path).c_str());
}

NewFile::NewFile(std::string directory) : directory_(std::move(directory))
{
	if (mkdir(directory_.c_str(), 0777) != 0 && errno != EEXIST)
		fail("make the directory", errno);
	remove_leftovers(directory_);
	for (unsigned i = 0;; i++) {
		temporary_ = directory_ + "/" + temporary_name(i);
		descriptor_ =
			open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (descriptor_ < 0 && errno != EEXIST) {
			const int error = errno;
			temporary_.clear();
			fail("write to the directory", error);
		}
		if (descriptor_ < 0)
			continue;
		if (keep_alive(descriptor_, temporary_))
			return;
		close(descriptor_);
	}
}

NewFile::~NewFile()
{
	if (descriptor_ >= 0)
		close(descriptor_);
	if (!temporary_.empty())
		unlink(temporary_.c_str());
}

void NewFile::fail(const char *what, int error) const
{
	throw Failure(fmt::format("cannot {} '{}': {}; choose another place for the output", what,
				  directory_, std::strerror(error)));
}

void NewFile::write(std::string_view content)
{
	while (!content.empty()) {
		const ssize_t n = ::write(descriptor_, content.data(), content.size());
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("write a file in", errno);
		content.remove_prefix(static_cast<std::size_t>(n));
	}
	// Some file systems say only here that the disk is full.
	if (fsync(descriptor_) != 0 && errno != EINVAL)
		fail("write a file in", errno);
}

bool NewFile::name(const std::string &file)
{
	const std::string path = directory_ + "/" + file;
	// link() refuses to replace. Where there are no hard links, renameat2() can refuse too.
	if (link(temporary_.c_str(), path.c_str()) == 0) {
		unlink(temporary_.c_str());
		temporary_.clear();
		return true;
	}
	if (errno == EEXIST)
		return false;
	if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) ==
	    0) {
		temporary_.clear();
		return true;
	}
	if (errno == EEXIST)
		return false;
	fail("name a file in", errno);
}

Path split_path(const std::string &path)
{
	const std::size_t slash = path.rfind('/');
	if (slash == std::string::npos)
		return { ".", path };
	return { slash ? path.substr(0, slash) : "/", path.substr(slash + 1) };
}

} // namespace lazymm::command
