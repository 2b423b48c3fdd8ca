// SPDX-License-Identifier: MIT
// Groups of operations by name: what `lazymm run --ops` takes, and what a scheme or a planted bug
// says it is about (SchemeInfo::ops, BugInfo::ops), for every search and for the fuzz targets.
#pragma once

#include "core/schedule/edits.h"

#include <span>
#include <string_view>

namespace lazymm::schedule
{

/// "hotplug", "membarrier", "sync-core", "probes", "mm-cid", "tables", "all".
std::span<const std::string_view> group_names();

/// Put the operations of a group, or one operation by its name, into the alphabet, as often as
/// usual. False, and nothing done, if there is none of that name. ("membarrier" is the group: that
/// operation alone makes no sense.)
bool add_operations(Alphabet &alphabet, std::string_view name);

/// The operations of "switch,fork,hotplug"; default_alphabet() if `list` is nullptr. For lists that
/// are part of this program: a name that is not known aborts.
Alphabet alphabet_for(const char *list);

} // namespace lazymm::schedule
