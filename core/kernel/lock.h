// SPDX-License-Identifier: MIT
// Locks. A CPU that waits for one stands still; which waiter gets it is whoever the schedule lets
// go first.
#pragma once

#include "core/kernel/atomic.h"

namespace lazymm::kernel
{

/// Acquire RMW / release store. Preemption is off while it is held.
struct spinlock {
	spinlock(const char *name, const machine::Owner *owner) : locked(name, owner) {}
	Shared<int> locked;
	int holder = -1; ///< bookkeeping: CPU
};

void spin_lock(spinlock &lock, const Where &where = Where::current());
void spin_unlock(spinlock &lock, const Where &where = Where::current());
void spin_lock_init(spinlock &lock);

/// Softirqs stay away: for what they take, too.
void spin_lock_bh(spinlock &lock, const Where &where = Where::current());
/// Also complains about a lock that is not this CPU's (CONFIG_DEBUG_SPINLOCK).
void spin_unlock_bh(spinlock &lock, const Where &where = Where::current());

void preempt_disable();
/// Acts on a pending reschedule when the count falls to zero.
void preempt_enable();
void local_irq_disable();
void local_irq_enable();

/// A wait that leaves the CPU to others: mutexes, completions, grace periods. Process context.
void sleep_until(bool (*ready)(void *arg), void *arg, const char *what,
		 const Where &where = Where::current());
/// A wait that keeps the CPU: interrupts are taken if they are on.
// What a wait has noticed it has not loaded: whoever needs an acquire loads in a loop around it, as
// smp_cond_load_acquire() does. Under a weak memory model the load may return what was there
// before.
void spin_until(bool (*ready)(void *arg), void *arg, const char *what,
		const Where &where = Where::current());

/// Sleeps while somebody else has it: acquire RMW / release store.
struct mutex {
	mutex(const char *name, const machine::Owner *owner) : locked(name, owner) {}
	Shared<int> locked;
};

void mutex_lock(mutex &mutex);
void mutex_unlock(mutex &mutex);

/// cpu_hotplug_lock: cpus_read_lock() / cpus_write_lock().
/// A percpu_rwsem's reader is acquire and release, and no more: no full barrier.
struct percpu_rwsem {
	Shared<int> readers{ "cpu_hotplug_lock.readers", nullptr };
	Shared<int> writer{ "cpu_hotplug_lock.writer", nullptr };
	int writer_cpu_task = -1; ///< bookkeeping: task slot of the writer
};

void cpus_read_lock();
void cpus_read_unlock();
void cpus_write_lock();
void cpus_write_unlock();

} // namespace lazymm::kernel
