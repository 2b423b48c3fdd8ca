// SPDX-License-Identifier: MIT
// What each CPU did last, in free mode, where nothing is recorded: the operations that it began and
// what the kernel told of them. Each CPU writes its own lane and nobody locks, so that CPUs meet as
// they would without it; TSan does not see it at all.
#pragma once

#include <algorithm>
#include <vector>

#include "core/kernel/events.h"
#include "core/machine/access.h"

namespace lazymm::kernel
{

class Recent
{
public:
	static constexpr unsigned kKept = 24; ///< per CPU

	struct Entry {
		std::uint16_t op = machine::kNoOp; ///< index over all scripts
		KernelEvent event;		   ///< kind none: the operation begins
	};

	void reset()
	{
		for (Lane &lane : lanes_)
			lane.added = 0;
	}
	/// On the CPU itself.
	void add(unsigned cpu, std::uint16_t op, const KernelEvent &event)
	{
		Lane &lane = lanes_[cpu];
		lane.entries[lane.added++ % kKept] = { op, event };
	}
	/// Oldest first; when the run is over.
	std::vector<Entry> of(unsigned cpu) const
	{
		const Lane &lane = lanes_[cpu];
		std::vector<Entry> entries;
		for (unsigned i = lane.added - std::min(lane.added, kKept); i < lane.added; i++)
			entries.push_back(lane.entries[i % kKept]);
		return entries;
	}

private:
	struct alignas(64) Lane {
		unsigned added = 0;
		Entry entries[kKept];
	};
	Lane lanes_[kMaxCpus];
};

} // namespace lazymm::kernel
