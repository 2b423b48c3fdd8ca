// SPDX-License-Identifier: MIT
// lazymm corpus VERB: one file each.
#pragma once

#include "fuzz/lazymm/verbs.h"

namespace lazymm::command
{

// Each returns the exit status, or throws a Failure.
int corpus_stats(const Arguments &arguments, Console &console);
int corpus_prune(const Arguments &arguments, Console &console);
int corpus_merge(const Arguments &arguments, Console &console);
int corpus_check(const Arguments &arguments, Console &console);
int corpus_adopt(const Arguments &arguments, Console &console);

} // namespace lazymm::command
