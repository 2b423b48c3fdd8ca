// SPDX-License-Identifier: MIT
// For tests: a directory of their own, and what is in one.
#pragma once

#include "core/schedule/text.h"
#include "fuzz/lazymm/leftovers.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <unistd.h>

namespace lazymm::command
{

inline std::string content_of(const std::filesystem::path &path)
{
	std::ifstream in(path, std::ios::binary);
	return { std::istreambuf_iterator<char>(in), {} };
}

/// In memory if that can be had: what is flushed a thousand times need not go to a disk.
class TestDirectory
{
public:
	TestDirectory()
	{
		std::string name = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
		name += "/lazymm-test-XXXXXX";
		path_ = mkdtemp(name.data());
	}
	~TestDirectory()
	{
		std::error_code ignored;
		std::filesystem::remove_all(path_, ignored);
	}
	TestDirectory(const TestDirectory &) = delete;
	TestDirectory &operator=(const TestDirectory &) = delete;

	const std::string &path() const { return path_; }
	std::string path(const std::string &name) const { return path_ + "/" + name; }
	/// Writes a file, and the directories that it needs.
	std::string file(const std::string &name, const std::string &text) const
	{
		std::filesystem::create_directories(
			std::filesystem::path(path(name)).parent_path());
		std::ofstream(path(name), std::ios::binary) << text;
		return path(name);
	}

private:
	std::string path_;
};

/// Regular files below a directory, and what is in them.
using Snapshot = std::map<std::string, std::string>;

inline Snapshot snapshot(const std::string &directory)
{
	Snapshot files;
	for (const auto &entry : std::filesystem::recursive_directory_iterator(directory)) {
		if (entry.is_regular_file())
			files[entry.path().lexically_relative(directory).string()] =
				content_of(entry.path());
	}
	return files;
}

/// Is this below a name that says "not finished"?
inline bool unfinished(const std::filesystem::path &path)
{
	for (const auto &part : path) {
		if (is_temporary(part.string()))
			return true;
	}
	return false;
}

/// Finished *.sched files that are no schedules, and with `leftovers` what is not finished.
inline std::vector<std::string> bad_files(const std::string &directory, bool leftovers)
{
	std::vector<std::string> bad;
	for (const auto &[name, text] : snapshot(directory)) {
		if (unfinished(name)) {
			if (leftovers)
				bad.push_back(name);
		} else if (name.ends_with(".sched") && std::holds_alternative<schedule::ParseError>(
							       schedule::parse_text(text, name))) {
			bad.push_back(name);
		}
	}
	return bad;
}

} // namespace lazymm::command
