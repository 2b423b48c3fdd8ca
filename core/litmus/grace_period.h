// SPDX-License-Identifier: MIT
// RCU of a litmus test: read-side critical sections and the grace periods that they hold up.
//
// LKMM: of a section and a grace period, either all that came before the section's end is
// everywhere before the grace period ends, or all that came before the grace period is everywhere
// before the section starts. Here a section that begins before the grace period does is of the
// first kind, any other of the second; the schedules between them show both. CPUs without sections
// are not ordered.
#pragma once

#include <cstdint>

#include "core/machine/machine.h"

namespace lazymm::litmus
{

class GracePeriods
{
public:
	void reset();

	// Each by CPU `cpu` for itself, after the visible access that stands for it.

	void read_lock(unsigned cpu);
	/// Returns false if no section is open.
	bool read_unlock(unsigned cpu);
	/// synchronize_rcu() after its first full barrier; its second one follows finish().
	void start(unsigned cpu);
	bool over(unsigned cpu) const { return waiting_for_[cpu] == 0; }
	/// With `drain`, stores that readers still hold in their buffers go out.
	void finish(unsigned cpu, bool drain);

private:
	std::uint32_t nesting_[machine::kMaxCpus] = {};
	std::uint32_t readers_ = 0;			    ///< bit per CPU that ended a section
	std::uint32_t waiting_for_[machine::kMaxCpus] = {}; ///< bit per CPU in a section of old
	machine::Clock old_[machine::kMaxCpus]; ///< what the sections knew that it waits for
	machine::Clock started_;		///< what was known where any grace period started
	machine::Clock ended_;			///< what was known where any section ended
};

} // namespace lazymm::litmus
