// SPDX-License-Identifier: MIT
// All ways to give the operations of a schedule one decision, then two. Cuts end in a place from
// which no single step goes down: five changes of CPU to and fro, none of which can be left out,
// where one at another place does it. How many a bug needs is its depth, and worth a search.
// In the manner of preemption bounding: Musuvathi, Qadeer: "Iterative Context Bounding for
// Systematic Testing of Multithreaded Programs" (PLDI 2007).
#pragma once

#include <cstdint>
#include <vector>

#include "core/schedule/schedule.h"

namespace lazymm
{

class FewDecisions
{
public:
	/// `lengths`: of each operation, counted over the scripts: how many accesses it may have.
	/// Changes of CPU, preemptions and interrupts are tried; no more than `most` (below 3)
	/// decisions.
	FewDecisions(schedule::Schedule origin, const std::vector<unsigned> &lengths,
		     unsigned most);

	/// Make `out` the next one; false when there is none left. Pairs only if there are at most
	/// kMaxPairs.
	bool next(schedule::Schedule &out);

	static constexpr std::size_t kMaxPairs = 100'000;

private:
	struct One {
		std::uint8_t cpu;
		std::uint8_t op; ///< in the script of the CPU
		schedule::Decision decision;
	};

	schedule::Schedule origin_; ///< without decisions
	std::vector<One> all_;	    ///< ascending: pairs of them keep the order of anchors
	unsigned most_;
	std::size_t first_ = 0;
	std::size_t second_ = 0; ///< 0: still with one
};

} // namespace lazymm
