// SPDX-License-Identifier: MIT
// The kernel's own books (pools, RCU callbacks, work items), which no variable of the model stands
// for, are kept by one CPU at a time. Stepped, it is anyway; in free mode by a lock. No visible
// access and no switch while it is held.
#pragma once

#include <atomic>

#include <sched.h>

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

class Books
{
public:
	Books() : locked_(machine::t_cpu && !this_machine().stepped())
	{
		while (locked_ && lock_.test_and_set(std::memory_order_acquire))
			sched_yield();
	}
	~Books()
	{
		if (locked_)
			lock_.clear(std::memory_order_release);
	}
	Books(const Books &) = delete;
	Books &operator=(const Books &) = delete;

private:
	static inline std::atomic_flag lock_;
	const bool locked_;
};

} // namespace lazymm::kernel
