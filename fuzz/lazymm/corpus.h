// SPDX-License-Identifier: MIT
// Schedules of a directory, for a search to start from.
#pragma once

#include "core/schedule/schedule.h"
#include "fuzz/lazymm/console.h"

#include <string>
#include <vector>

namespace lazymm::command
{

/// The schedules in a directory and below it (corpus_files.h), whatever their kind. Their names and
/// settings are replaced by those of `base`. One that cannot be read is complained about and left
/// out. In the order of their paths. Throws a Failure if the directory cannot be read.
std::vector<schedule::Schedule> load_corpus(const std::string &directory,
					    const schedule::Schedule &base, Console &console);

} // namespace lazymm::command
