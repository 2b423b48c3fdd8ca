// SPDX-License-Identifier: MIT
// Colour, as an addition: whatever it says is said in words too.
#pragma once

#include <string>
#include <string_view>

namespace lazymm::report
{

struct Style {
	bool colour = false;

	std::string bad(std::string_view text) const { return paint("1;31", text); }
	std::string good(std::string_view text) const { return paint("32", text); }
	std::string strong(std::string_view text) const { return paint("1", text); }
	std::string faint(std::string_view text) const { return paint("2", text); }

private:
	std::string paint(const char *sgr, std::string_view text) const
	{
		if (!colour || text.empty())
			return std::string(text);
		return "\033[" + std::string(sgr) + 'm' + std::string(text) + "\033[0m";
	}
};

} // namespace lazymm::report
