// SPDX-License-Identifier: MIT
// The formats of reports for machines, by name: what `--report FORMAT:FILE` takes.
#pragma once

#include "core/report/case.h"

#include <span>

namespace lazymm::report
{

struct Format {
	const char *name; ///< "junit"
	const char *what; ///< one line for a list
	/// A whole document; a function of its arguments, of which `version` is the tool's.
	std::string (*write)(const Cases &cases, const std::string &version);
};

std::span<const Format> formats();

} // namespace lazymm::report
