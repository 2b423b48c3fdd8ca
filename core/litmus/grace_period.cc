// SPDX-License-Identifier: MIT
// Source: tools/memory-model/Documentation/explanation.txt, "RCU RELATIONS".
#include "core/litmus/grace_period.h"

namespace lazymm::litmus
{

void GracePeriods::reset()
{
	*this = {};
}

/// Like a strong fence between what came before the grace period and what comes after the lock,
/// whoever sees it; and none for what this CPU did before.
void GracePeriods::read_lock(unsigned cpu)
{
	if (nesting_[cpu]++)
		return;
	machine::this_machine().acquire(started_);
	machine::this_cpu().published.join(started_);
}

bool GracePeriods::read_unlock(unsigned cpu)
{
	if (nesting_[cpu] == 0)
		return false;
	if (--nesting_[cpu])
		return true;
	// Nothing drains here: finish() does that where it matters.
	const machine::Clock known = machine::Clocks::release(machine::this_cpu());
	ended_.join(known);
	readers_ |= 1u << cpu;
	for (unsigned i = 0; i < machine::kMaxCpus; i++) {
		if (waiting_for_[i] >> cpu & 1)
			old_[i].join(known);
		waiting_for_[i] &= ~(1u << cpu);
	}
	return true;
}

void GracePeriods::start(unsigned cpu)
{
	for (unsigned i = 0; i < machine::kMaxCpus; i++)
		if (nesting_[i])
			waiting_for_[cpu] |= 1u << i;
	old_[cpu] = ended_;
	machine::this_machine().release(started_);
}

void GracePeriods::finish(unsigned cpu, bool drain)
{
	for (unsigned i = 0; drain && i < machine::kMaxCpus; i++)
		if (readers_ >> i & 1)
			machine::this_machine().quiescent(i, old_[cpu]);
	machine::this_machine().acquire(old_[cpu]);
}

} // namespace lazymm::litmus
