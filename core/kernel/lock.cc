// SPDX-License-Identifier: MIT
#include "core/kernel/lock.h"

#include "core/kernel/books.h"
#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

// --- preemption and interrupts ---

void preempt_disable()
{
	this_machine().preempt_disable();
}

void preempt_enable()
{
	if (this_machine().preempt_enable() && !this_cpu().irqs_off && resched_wanted())
		irq_exit();
}

void local_irq_disable()
{
	this_machine().irqs_off();
}

void local_irq_enable()
{
	this_machine().irqs_on();
}

// --- waiting ---

void spin_until(bool (*ready)(void *), void *arg, const char *what, const Where &where)
{
	machine::Wait wait{ .ready = ready, .arg = arg, .what = what };
	this_machine().wait(wait, where);
}

void sleep_until(bool (*ready)(void *), void *arg, const char *what, const Where &where)
{
	sleeper me{ ready, arg };
	machine::Wait wait{ .ready = ready, .arg = arg, .what = what, .sleeps = true };
	{
		const WaitQueues queues;
		current_task().sleeping = &me;
		current_task().sleeps_on = what;
	}
	while (!this_machine().wait(wait, where)) {
		// The CPU is wanted by a task that is half done.
		if (task_struct *t = kernel().unfinished_task(smp_processor_id()))
			schedule_to(kernel().ref(*t));
	}
	const WaitQueues queues;
	current_task().sleeping = nullptr;
}

// --- spinlocks ---

void spin_lock_init(spinlock &lock)
{
	lock.locked.init(0);
	lock.holder = -1;
}

void spin_lock(spinlock &lock, const Where &where)
{
	preempt_disable();
	auto unlocked = [](void *arg) { return static_cast<spinlock *>(arg)->locked.peek() == 0; };
	while (lock.locked.rmw(RmwOp::exchange, 1, Order::acquire, nullptr, where) != 0)
		spin_until(unlocked, &lock, lock.locked.name(), where);
	lock.holder = smp_processor_id();
}

void spin_unlock(spinlock &lock, const Where &where)
{
	lock.holder = -1;
	lock.locked.store(0, Order::release, nullptr, where);
	preempt_enable();
}

void spin_lock_bh(spinlock &lock, const Where &where)
{
	preempt_disable();
	this_rq().bh_disabled++;
	spin_lock(lock, where);
	preempt_enable(); // the lock's own is enough
}

void spin_unlock_bh(spinlock &lock, const Where &where)
{
	BUG_ON(lock.holder != int(smp_processor_id()), "spin_unlock: wrong owner", where);
	preempt_disable();
	spin_unlock(lock, where);
	this_rq().bh_disabled--;
	preempt_enable();
}

// --- mutexes ---

void mutex_lock(mutex &mutex)
{
	auto unlocked = [](void *arg) {
		return static_cast<kernel::mutex *>(arg)->locked.peek() == 0;
	};
	while (mutex.locked.rmw(RmwOp::exchange, 1, Order::acquire, nullptr, Where::current()) != 0)
		sleep_until(unlocked, &mutex, mutex.locked.name());
}

void mutex_unlock(mutex &mutex)
{
	mutex.locked.store(0, Order::release);
}

// --- cpu_hotplug_lock ---

void cpus_read_lock()
{
	percpu_rwsem &sem = kernel().cpu_hotplug_lock;
	auto no_writer = [](void *arg) {
		return static_cast<percpu_rwsem *>(arg)->writer.peek() == 0;
	};
	for (;;) {
		// RMWs read the newest value: readers and writers need no full barrier to meet.
		detail::rmw(sem.readers, RmwOp::add, 1, Order::relaxed, nullptr);
		if (detail::rmw(sem.writer, RmwOp::add, 0, Order::acquire, nullptr) == 0)
			return;
		detail::rmw(sem.readers, RmwOp::add, -1, Order::release, nullptr);
		sleep_until(no_writer, &sem, "cpus_read_lock");
	}
}

void cpus_read_unlock()
{
	detail::rmw(kernel().cpu_hotplug_lock.readers, RmwOp::add, -1, Order::release, nullptr);
}

void cpus_write_lock()
{
	percpu_rwsem &sem = kernel().cpu_hotplug_lock;
	auto no_writer = [](void *arg) {
		return static_cast<percpu_rwsem *>(arg)->writer.peek() == 0;
	};
	auto no_reader = [](void *arg) {
		return static_cast<percpu_rwsem *>(arg)->readers.peek() == 0;
	};
	while (detail::rmw(sem.writer, RmwOp::exchange, 1, Order::full, nullptr) != 0)
		sleep_until(no_writer, &sem, "cpus_write_lock");
	// An RMW: it excludes on every memory model, and orders no more than a lock does.
	while (detail::rmw(sem.readers, RmwOp::add, 0, Order::acquire, nullptr) != 0)
		sleep_until(no_reader, &sem, "cpus_write_lock");
	sem.writer_cpu_task = current_task().slot;
}

void cpus_write_unlock()
{
	kernel().cpu_hotplug_lock.writer_cpu_task = -1;
	kernel().cpu_hotplug_lock.writer.store(0, Order::release);
}

} // namespace lazymm::kernel
