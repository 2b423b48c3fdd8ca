// SPDX-License-Identifier: MIT
// Files, read with a bound and written without loss: nothing that exists is ever replaced, and a
// name appears only when all of its content is on the disk. All throw a Failure that says what,
// where and what next.
#pragma once

#include <string>
#include <string_view>

namespace lazymm::command
{

/// More than any schedule within the limits is likely to need.
inline constexpr std::size_t kMaxInput = 1 << 20;

/// The content of a regular file of at most kMaxInput bytes. Never blocks: FIFOs, devices and
/// directories are refused.
std::string read_file(const std::string &path);

/// All of a descriptor's input, likewise bounded; `name` is for messages.
std::string read_stream(int descriptor, const char *name);

/// A file that has no name yet. Made before the work whose result it takes, so that a directory
/// that cannot be written to is found out first.
class NewFile
{
public:
	/// In this directory, which is made if only its last part is missing.
	explicit NewFile(std::string directory);
	~NewFile();
	NewFile(const NewFile &) = delete;
	NewFile &operator=(const NewFile &) = delete;

	/// Writes the content and flushes it to the disk.
	void write(std::string_view content);
	/// Gives it this name in its directory; false if that is taken. Once only.
	bool name(const std::string &file);

	const std::string &directory() const { return directory_; }

private:
	[[noreturn]] void fail(const char *what, int error) const;

	std::string directory_;
	std::string temporary_; ///< path; empty when there is none
	int descriptor_ = -1;
};

/// "a/b" is { "a", "b" }, "b" is { ".", "b" }.
struct Path {
	std::string directory;
	std::string file;
};
Path split_path(const std::string &path);

} // namespace lazymm::command
