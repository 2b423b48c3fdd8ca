// SPDX-License-Identifier: MIT
// Free runs in a process of their own: what they do to memory, a sanitizer that ends them, or a
// hang, is that process's. What ran last is in memory that both share, so it is known whatever
// happens.
#pragma once

#include "fuzz/lazymm/run_options.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lazymm::command
{

struct FreeReport {
	std::uint64_t runs = 0;
	/// What the search ended with: not if it found nothing. A sanitizer's word is a finding of
	/// the oracle that says such things in stepped runs, without a kind.
	std::optional<schedule::Schedule> schedule;
	Finding finding;
	bool proven = false; ///< not just that nothing moved, or that a run was too long
	/// What each CPU did last, a line each thing.
	std::vector<std::vector<std::string>> recent;
};

/// Searches in free mode until the first finding or suspicion, a limit, or Interrupt::raised().
/// `progress`: about ten times a second, with the runs so far. Forks: before there are threads.
FreeReport free_search(const CommandOptions &options,
		       const std::function<void(std::uint64_t)> &progress);

} // namespace lazymm::command
