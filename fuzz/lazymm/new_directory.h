// SPDX-License-Identifier: MIT
// A directory that appears all at once, or not at all: it is built beside its place under a
// temporary name (leftovers.h), flushed to the disk, and then given its name. SIGKILL at any moment
// leaves either nothing under the name or all of it.
//
// take_the_place_of() puts it where a directory stands already, without a moment in which a file of
// either is nowhere:
//
//	build		.lazymm-PID-N.tmp	what is new
//	rename		DIR.old-1		what is new, complete, under the name of the old
//	exchange	DIR <-> DIR.old-1	one system call: DIR is new, DIR.old-1 is old
//
// A kill before the exchange leaves DIR as it was (and perhaps a DIR.old-N that is a copy of what
// would have come); one behind it leaves the work done. Nothing is ever deleted. Where the file
// system cannot exchange, DIR is renamed to DIR.old-2 and DIR.old-1 to DIR: a kill between the two
// leaves no DIR, and everything in DIR.old-2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lazymm::command
{

/// Is this the last part of a DIR.old-N?
bool is_put_away(std::string_view name);

class NewDirectory
{
public:
	enum class Target : bool { is_free, is_there };

	/// Beside `target`, whose parent exists. Throws a Failure, as all here do, that says what,
	/// where and what next; also if `target` is not what it is said to be.
	NewDirectory(const std::string &target, Target state);
	~NewDirectory();
	NewDirectory(const NewDirectory &) = delete;
	NewDirectory &operator=(const NewDirectory &) = delete;

	/// A file "a/b/c" in it; directories are made as needed. False if there is one.
	bool add(const std::string &relative, std::string_view content);
	/// The same with the content of another file, of any size.
	bool copy(const std::string &relative, const std::string &from);

	/// A symbolic link to whatever that is.
	void add_link(const std::string &relative, const std::string &to);

	/// Gives it its name. Throws if that is taken.
	void name();
	/// Puts it where its target stands, which becomes `target`.old-N; returns that path.
	std::string take_the_place_of_target();

private:
	[[noreturn]] void fail(const char *what, int error) const;
	void make_directories(const std::string &relative);
	int make(const std::string &relative);
	void write(int file, std::string_view content) const;
	void flush();
	std::string rename_to_free_old_name(const std::string &from) const;

	std::string target_, parent_;
	std::string temporary_; ///< path; empty when there is none
	int descriptor_ = -1;	///< of the temporary; holds the lock
	std::vector<std::string> files_, directories_;
};

} // namespace lazymm::command
