// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/leftovers.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".lazymm-", kSuffix = ".tmp";

/// Is `descriptor` still what stands at `path`?
bool stands_at(int descriptor, const std::string &path)
{
	struct stat open_file{}, named{};
	return fstat(descriptor, &open_file) == 0 && lstat(path.c_str(), &named) == 0 &&
	       open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

void remove_if_left(const fs::path &path)
{
	struct stat status{};
	if (lstat(path.c_str(), &status) != 0 ||
	    (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
		return; // we make no others
	const int descriptor =
		open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (descriptor < 0)
		return;
	if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && stands_at(descriptor, path)) {
		std::error_code ignored;
		fs::remove_all(path, ignored);
	}
	close(descriptor);
}

} // namespace

std::string temporary_name(unsigned n)
{
	return fmt::format("{}{}-{}{}", kPrefix, getpid(), n, kSuffix);
}

bool is_temporary(std::string_view name)
{
	return name.starts_with(kPrefix) && name.ends_with(kSuffix);
}

bool keep_alive(int descriptor, const std::string &path)
{
	if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return false;
	return stands_at(descriptor, path);
}

void remove_leftovers(const std::string &directory)
{
	std::error_code error;
	fs::directory_iterator it(directory, fs::directory_options::skip_permission_denied, error);
	while (!error && it != fs::directory_iterator()) {
		if (is_temporary(it->path().filename().string()))
			remove_if_left(it->path());
		it.increment(error);
	}
}

} // namespace lazymm::command
