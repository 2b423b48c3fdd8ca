// SPDX-License-Identifier: MIT
// All executions of a test, depth first: every run replays a prefix of choices and takes the next
// alternative at its end.
//
// Reduced, it visits one interleaving of those that differ in the order of commuting steps only:
// sleep sets and persistent sets (Godefroid, Partial-Order Methods for the Verification of
// Concurrent Systems, LNCS 1032, chapters 4 and 5), on what threads may still touch
// (look_ahead.cc).
#pragma once

#include <vector>

#include "core/litmus/steering.h"

namespace lazymm::litmus
{

class Search : public Steering
{
public:
	/// With `reduce`, executions that differ in nothing are visited once.
	Search(Execution &execution, unsigned cpus, bool reduce);

	void begin() override;
	bool next() override;

private:
	struct Node {
		bool memory = false;
		// of a schedule
		std::uint8_t chosen = 0;
		machine::CpuSet todo = 0;
		machine::CpuSet done = 0;
		machine::CpuSet sleep = 0; ///< whose step here was seen from an equal state
		// of memory
		unsigned value = 0;
		unsigned count = 0;
	};

	unsigned choose(machine::CpuSet candidates, unsigned current) override;
	unsigned among(unsigned n) override;
	machine::CpuSet persistent(machine::CpuSet candidates, unsigned current) const;
	machine::CpuSet closure(unsigned cpu) const;

	unsigned cpus_;
	bool reduce_;
	std::vector<Node> nodes_;
	std::size_t depth_ = 0;
	machine::CpuSet sleep_ = 0;
};

} // namespace lazymm::litmus
