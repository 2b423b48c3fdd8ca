// SPDX-License-Identifier: MIT
// lazymm matrix --properties: every property against every planted bug that it can speak about, and
// on the sound schemes that it is for.
#pragma once

#include "fuzz/lazymm/console.h"

#include <string>
#include <vector>

namespace lazymm::command
{

struct PropertyMatrix {
	std::vector<std::string> bugs, schemes; ///< only these; empty: all
	bool no_schemes = false;
	unsigned cases = 2000; ///< per row
	unsigned shard = 1, shards = 1;
	bool json = false, markdown = false;
};

/// Exit status: 1 if a property misses its own twin, or speaks on a sound scheme.
int matrix_of_properties(const PropertyMatrix &options, Console &console);

} // namespace lazymm::command
