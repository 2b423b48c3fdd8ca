// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/new_directory.h"

#include "fuzz/lazymm/descriptor.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"
#include "fuzz/lazymm/leftovers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

constexpr std::string_view kOld = ".old-";

std::string without_trailing_slashes(std::string path)
{
	while (path.size() > 1 && path.back() == '/')
		path.pop_back();
	return path;
}

std::string taken(const std::string &path)
{
	return fmt::format("'{}' exists already and is left as it is; choose another name", path);
}

/// 0, or the error. Some file systems cannot, and need not.
int flush_path(const std::string &path, int flags)
{
	const Descriptor descriptor(open(path.c_str(), flags | O_CLOEXEC));
	if (descriptor.get() < 0 || (fsync(descriptor.get()) != 0 && errno != EINVAL))
		return errno;
	return 0;
}

} // namespace

bool is_put_away(std::string_view name)
{
	const std::size_t at = name.rfind(kOld);
	if (at == std::string_view::npos || at == 0)
		return false;
	const std::string_view digits = name.substr(at + kOld.size());
	return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

NewDirectory::NewDirectory(const std::string &target, Target state)
	: target_(without_trailing_slashes(target))
{
	std::error_code error;
	const auto status = std::filesystem::symlink_status(target_, error);
	if (state == Target::is_free && std::filesystem::exists(status))
		throw Failure(taken(target_));
	if (state == Target::is_there && !std::filesystem::is_directory(status))
		throw Failure(fmt::format("'{}' is not a directory of schedules", target_));
	parent_ = split_path(target_).directory;
	remove_leftovers(parent_);
	for (unsigned i = 0;; i++) {
		temporary_ = parent_ + "/" + temporary_name(i);
		if (mkdir(temporary_.c_str(), 0777) != 0) {
			const int error = errno;
			temporary_.clear();
			if (error == EEXIST)
				continue;
			fail("write beside", error);
		}
		descriptor_ = open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (descriptor_ >= 0 && keep_alive(descriptor_, temporary_))
			return;
		if (descriptor_ >= 0)
			close(descriptor_);
	}
}

NewDirectory::~NewDirectory()
{
	if (!temporary_.empty()) {
		std::error_code ignored;
		std::filesystem::remove_all(temporary_, ignored);
	}
	if (descriptor_ >= 0)
		close(descriptor_);
}

void NewDirectory::fail(const char *what, int error) const
{
	throw Failure(fmt::format("cannot {} '{}': {}; nothing was changed; choose another place "
				  "for the output",
				  what, target_, std::strerror(error)));
}

void NewDirectory::make_directories(const std::string &relative)
{
	for (std::size_t at = relative.find('/'); at != std::string::npos;
	     at = relative.find('/', at + 1)) {
		const std::string directory = temporary_ + "/" + relative.substr(0, at);
		if (mkdir(directory.c_str(), 0777) == 0)
			directories_.push_back(directory);
		else if (errno != EEXIST)
			fail("write a directory of", errno);
	}
}

int NewDirectory::make(const std::string &relative)
{
	make_directories(relative);
	const std::string path = temporary_ + "/" + relative;
	const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file < 0 && errno != EEXIST)
		fail("write a file of", errno);
	if (file >= 0)
		files_.push_back(path);
	return file;
}

void NewDirectory::write(int file, std::string_view content) const
{
	while (!content.empty()) {
		const ssize_t n = ::write(file, content.data(), content.size());
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("write a file of", errno);
		content.remove_prefix(static_cast<std::size_t>(n));
	}
}

bool NewDirectory::add(const std::string &relative, std::string_view content)
{
	const Descriptor file(make(relative));
	if (file.get() < 0)
		return false;
	write(file.get(), content);
	return true;
}

bool NewDirectory::copy(const std::string &relative, const std::string &from)
{
	const Descriptor source(open(from.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
	if (source.get() < 0)
		throw Failure(fmt::format("cannot read '{}': {}; nothing was changed", from,
					  std::strerror(errno)));
	const Descriptor file(make(relative));
	if (file.get() < 0)
		return false;
	char buffer[16384];
	for (;;) {
		const ssize_t n = read(source.get(), buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			throw Failure(fmt::format("cannot read '{}': {}; nothing was changed", from,
						  std::strerror(errno)));
		if (n == 0)
			return true;
		write(file.get(), { buffer, static_cast<std::size_t>(n) });
	}
}

void NewDirectory::add_link(const std::string &relative, const std::string &to)
{
	make_directories(relative);
	if (symlink(to.c_str(), (temporary_ + "/" + relative).c_str()) != 0)
		fail("write a link of", errno);
}

/// Files first, then their directories from the innermost on. All are written before the first is
/// flushed: one commit of the file system's journal then does for most.
void NewDirectory::flush()
{
	for (const std::string &file : files_) {
		if (const int error = flush_path(file, O_RDONLY))
			fail("write a file of", error);
	}
	std::reverse(directories_.begin(), directories_.end());
	directories_.push_back(temporary_);
	for (const std::string &directory : directories_) {
		if (const int error = flush_path(directory, O_RDONLY | O_DIRECTORY))
			fail("write a directory of", error);
	}
}

void NewDirectory::name()
{
	flush();
	if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) !=
	    0) {
		if (errno == EEXIST)
			throw Failure(taken(target_));
		fail("name", errno);
	}
	temporary_.clear();
	flush_path(parent_, O_RDONLY | O_DIRECTORY);
}

std::string NewDirectory::rename_to_free_old_name(const std::string &from) const
{
	for (unsigned i = 1;; i++) {
		const std::string old = fmt::format("{}{}{}", target_, kOld, i);
		if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, old.c_str(), RENAME_NOREPLACE) == 0)
			return old;
		if (errno != EEXIST)
			fail("put away what stands at", errno);
	}
}

std::string NewDirectory::take_the_place_of_target()
{
	struct stat status{};
	if (stat(target_.c_str(), &status) == 0)
		fchmod(descriptor_, status.st_mode & 07777); // others may write to it
	flush();
	std::string old = rename_to_free_old_name(temporary_);
	temporary_.clear(); // what stands at `old` may be the old one from here on
	if (renameat2(AT_FDCWD, old.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
		const int error = errno;
		const std::string fresh = old;
		if (error != EINVAL && error != ENOSYS) {
			temporary_ = fresh;
			fail("take the place of", error);
		}
		old = rename_to_free_old_name(target_);
		if (rename(fresh.c_str(), target_.c_str()) != 0)
			throw Failure(fmt::format("cannot name '{}': {}; what was there is in "
						  "'{}', what is new in '{}'",
						  target_, std::strerror(errno), old, fresh));
	}
	flush_path(parent_, O_RDONLY | O_DIRECTORY);
	return old;
}

} // namespace lazymm::command
