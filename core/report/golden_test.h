// SPDX-License-Identifier: MIT
// For tests: texts that users see, against files. LAZYMM_UPDATE_GOLDEN=1 in the environment writes
// the files anew; look at the difference before you commit it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace lazymm::report
{

/// Compares with the golden file of that path below the source directory.
inline void expect_golden(const std::string &text, const std::string &path)
{
	const std::string file = std::string(LAZYMM_SOURCE_DIR) + "/" + path;
	if (std::getenv("LAZYMM_UPDATE_GOLDEN")) {
		std::ofstream out(file, std::ios::binary);
		ASSERT_TRUE(out << text) << "cannot write " << file;
		return;
	}
	std::ifstream in(file, std::ios::binary);
	ASSERT_TRUE(in) << file << " is missing; LAZYMM_UPDATE_GOLDEN=1 makes it";
	const std::string golden{ std::istreambuf_iterator<char>(in), {} };
	EXPECT_EQ(text, golden) << "if this is right: LAZYMM_UPDATE_GOLDEN=1";
}

/// Line numbers of sources as N: golden files are not to change with every edit of the kernel.
inline std::string without_lines(const std::string &text)
{
	return std::regex_replace(text, std::regex("(\\.(cc|h)):[0-9]+"), "$1:N");
}

} // namespace lazymm::report
