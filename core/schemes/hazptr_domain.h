// SPDX-License-Identifier: MIT
// Hazard pointers, one slot per CPU.
//
// From: Mathieu Desnoyers, 2024-10-08, [RFC PATCH v3 3/4] "hp: Implement Hazard Pointers",
// include/linux/hazptr.h and kernel/hazptr.c; not merged. Differs: what is protected is an mm.
//
// A reader stores the pointer into its CPU's slot and, if it loaded the pointer from a place where
// it can be unpublished, looks there again. Who frees unpublishes first and scans the slots then.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

struct hazptr_slot {
	kernel::Owner owner{ "hazptr", 0 };
	kernel::Shared<kernel::mm_ref> addr{ "addr", &owner };
};

class hazptr_domain
{
public:
	hazptr_domain();
	void reset();

	/// This CPU's slot protects mm, to which the caller has a reference. False: it is taken,
	/// and mm is not protected. Preemption off.
	bool try_protect(kernel::mm_ref mm);
	/// The same for what is in `from`, to which the caller has no reference. Empty: nothing is
	/// there, or the slot is taken. Preemption off.
	kernel::mm_ref load_try_protect(const kernel::Shared<kernel::mm_ref> &from);
	/// A reader is done. Preemption off.
	void retire();
	/// this_cpu_write(slot, NULL): of whatever CPU this is, and orders nothing.
	void this_cpu_clear();

	/// fn(cpu) for each slot that has mm. "Cannot be called with preemption disabled."
	template <class Fn>
	void scan(kernel::mm_ref mm, Fn fn)
	{
		begin_scan();
		for (unsigned cpu = 0; cpu < kernel::this_machine().cpus(); cpu++)
			if (protects(cpu, mm))
				fn(cpu);
	}
	/// Waits until the slot has not mm. Others run meanwhile, if preemption is on.
	void wait(unsigned cpu, kernel::mm_ref mm);

	kernel::Shared<kernel::mm_ref> &slot(unsigned cpu) { return slots_[cpu].addr; }

private:
	kernel::Shared<kernel::mm_ref> &this_slot() { return slot(kernel::smp_processor_id()); }
	void begin_scan();
	bool protects(unsigned cpu, kernel::mm_ref mm);

	hazptr_slot slots_[kernel::kMaxCpus];
};

} // namespace lazymm::schemes
