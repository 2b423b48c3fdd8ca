// SPDX-License-Identifier: MIT
// What is known of an ordered operation by its name: the letters of membarrier(2) and of the
// ordering ledger.
#pragma once

#include <string_view>

namespace lazymm::command
{

struct Pairing {
	const char *with = "";	   ///< the other side
	const char *unneeded = ""; ///< why no schedule is expected to miss it; "" = one is
};

/// By the site's name.
Pairing pairing_of(std::string_view site);

} // namespace lazymm::command
