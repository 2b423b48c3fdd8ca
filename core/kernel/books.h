// SPDX-License-Identifier: MIT
// The kernel's own books, which no variable of the model stands for, are kept by one CPU at a time.
// Stepped, it is anyway; in free mode by locks. No visible access and no switch while one is held.
#pragma once

#include <atomic>

#include <sched.h>

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

template <class What>
class Bookkeeping
{
public:
	Bookkeeping() : locked_(machine::t_cpu && !this_machine().stepped())
	{
		while (locked_ && lock_.test_and_set(std::memory_order_acquire))
			sched_yield();
	}
	~Bookkeeping()
	{
		if (locked_)
			lock_.clear(std::memory_order_release);
	}
	Bookkeeping(const Bookkeeping &) = delete;
	Bookkeeping &operator=(const Bookkeeping &) = delete;

private:
	static inline std::atomic_flag lock_;
	const bool locked_;
};

/// Pools, RCU callbacks, work items.
using Books = Bookkeeping<Kernel>;
/// What sleeping tasks wait for: it stands on their stacks, and whoever looks for a task to run
/// asks whether it is there. Taken before Books.
using WaitQueues = Bookkeeping<sleeper>;

} // namespace lazymm::kernel
