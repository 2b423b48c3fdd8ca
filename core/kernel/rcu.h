// SPDX-License-Identifier: MIT
// RCU: readers are sections with preemption (or interrupts) off, idle is quiescent. Callbacks of
// ended grace periods are invoked from softirq in any order (whatisRCU.rst, checklist.rst).
#pragma once

#include <cstdint>

#include "core/kernel/atomic.h"

namespace lazymm::kernel
{

/// What a grace period waits for: the sections that were running when it began.
struct grace_period {
	std::uint32_t waiting = 0; ///< CPUs that were in a section
	std::uint32_t section[8] = {};
	machine::Clock clock; ///< what the CPUs knew at their quiescent states
};

struct rcu_callback {
	void (*fn)(void *arg) = nullptr;
	void *arg = nullptr;
	const char *what = "";
	grace_period gp;
	machine::Clock queued;
	std::uint32_t number = 0;
};

struct rcu_state {
	static constexpr unsigned kCallbacks = 32;
	rcu_callback callbacks[kCallbacks];
	unsigned count = 0;
	std::uint32_t queued = 0; ///< callbacks ever queued
	unsigned running = 0;	  ///< being invoked right now
};

void rcu_read_lock();
void rcu_read_unlock();
/// fn(arg) after a grace period, in softirq.
void call_rcu(void (*fn)(void *), void *arg, const char *what);
/// A grace period that begins now, and whether one has ended.
grace_period get_state_synchronize_rcu();
bool poll_state_synchronize_rcu(const grace_period &gp);
/// Waits for readers, not for callbacks. Process context.
void synchronize_rcu();
/// Waits for queued callbacks. Process context.
/// Until 5.17 it took cpus_read_lock(); 80b3fd474c91 (5.18) made it leave CPU hotplug alone.
void rcu_barrier();
void rcu_barrier_5_18();
/// Invokes the callbacks whose grace period is over.
void rcu_softirq();
bool rcu_pending();
class Kernel;
bool rcu_ready(Kernel &kernel); ///< the same, callable while deciding who moves

} // namespace lazymm::kernel
