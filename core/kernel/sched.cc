// SPDX-License-Identifier: MIT
// The scheduler as lives of lazy mms see it. After kernel/sched/core.c, Linux 6.12: __schedule(),
// context_switch(), finish_task_switch(), schedule_tail(). Differs: there is no run queue; a
// schedule says who is next, and a task is claimed by its on_cpu (try_to_wake_up()'s acquire).
#include "core/kernel/kernel.h"
#include "core/kernel/membarrier.h"

namespace lazymm::kernel
{

namespace
{
/// Whether the CPU may run the task at all: affinity, and balance_push on an inactive CPU.
bool may_run_here(const task_struct &next)
{
	unsigned cpu = smp_processor_id();
	rq &rq = this_rq();
	if (&next == rq.cpuhp || &next == rq.idle)
		return true;
	return cpu_active(cpu) && kernel().affine(next, cpu);
}

void context_switch(rq &rq, task_struct &prev, task_struct &next)
{
	Scheme &scheme = kernel().scheme();
	// membarrier reads ->mm without locks; next's own is stable here.
	bool from_user = bool(READ_ONCE(prev.mm));
	mm_ref next_mm = READ_ONCE(next.mm);
	if (!next_mm) {
		enter_lazy_tlb(prev.active_mm.load(), next);
		if (from_user)
			scheme.user_to_kernel(rq, prev, next);
		else
			scheme.kernel_to_kernel(rq, prev, next);
	} else {
		// sys_membarrier() wants an smp_mb() between the stores to rq->curr and
		// rq->membarrier_state and user code: (E), by switch_mm() or, if the mm stays the
		// same, by mmdrop() in finish_lazy().
		scheme.membarrier().switch_mm(rq, prev.active_mm.peek(), next_mm);
		if (from_user)
			scheme.user_to_user(rq, prev, next);
		else
			scheme.kernel_to_user(rq, prev, next);
	}

	// switch_to(): from here on this is next's stack.
	rq.prev = &prev;
	this_cpu().task = &next;
	kernel().emit({ .kind = EventKind::switched,
			.mm = next.active_mm.peek(),
			.task = kernel().ref(next) });
	if (!next.context)
		next.context = &this_machine().spawn(kernel().entry(), &next);
	this_machine().switch_context(*next.context);
	finish_task_switch(*this_rq().prev);
}
} // namespace

// --- the four transitions: Linux 6.12's, with the scheme's references ---

void Scheme::user_to_kernel(rq &, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	next.active_mm.store(mm);
	mmgrab_lazy_tlb(mm);
}

void Scheme::kernel_to_kernel(rq &, task_struct &prev, task_struct &next)
{
	next.active_mm.store(prev.active_mm.load());
	prev.active_mm.store(nullptr);
}

void Scheme::kernel_to_user(rq &rq, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	switch_mm_irqs_off(mm, READ_ONCE(next.mm));
	rq.prev_mm.store(mm); // dropped in finish_lazy()
	prev.active_mm.store(nullptr);
}

void Scheme::user_to_user(rq &, task_struct &prev, task_struct &next)
{
	switch_mm_irqs_off(prev.active_mm.load(), READ_ONCE(next.mm));
}

Membarrier &Scheme::membarrier()
{
	static Membarrier linux_6_12;
	return linux_6_12;
}

mm_ref Scheme::take_prev_mm(rq &rq)
{
	mm_ref mm = rq.prev_mm.load();
	if (mm)
		rq.prev_mm.store(nullptr);
	return mm;
}

void Scheme::finish_lazy(rq &, mm_ref prev_mm)
{
	if (!prev_mm)
		return;
	membarrier().sync_core_before_usermode(prev_mm);
	mmdrop_lazy_tlb_sched(prev_mm, smp_processor_id());
}

void Scheme::schedule_tail(task_struct &prev)
{
	finish_task_switch(prev);
	preempt_enable();
}

// --- __schedule() ---

/// Preemption off. False: `next` cannot run here, nothing happened.
bool __schedule(task_ref next_ref)
{
	task_struct &prev = current_task();
	if (!next_ref)
		return false;
	task_struct &next = *next_ref.unchecked();
	// Claims the task; acquire: what it did on its last CPU is known here.
	if (&next == &prev || !may_run_here(next) ||
	    cmpxchg_acquire(next.on_cpu, 0, 1, "ttwu: p->on_cpu") != 0)
		return false;
	if (READ_ONCE(next.__state) != TASK_RUNNING || !next_ref.valid()) {
		smp_store_release(next.on_cpu, 0, "ttwu: not this one");
		return false;
	}
	rq &rq = this_rq();
	rq.need_resched = false;
	local_irq_disable();
	spin_lock(rq.lock);
	smp_mb__after_spinlock("__schedule: (D0) user accesses before rq->curr");
	WRITE_ONCE(rq.curr, next_ref);
	context_switch(rq, prev, next);
	return true;
}

bool schedule_to(task_ref next)
{
	preempt_disable();
	bool switched = __schedule(next);
	preempt_enable();
	return switched;
}

void finish_task_switch(task_struct &prev)
{
	rq &rq = this_rq();
	Scheme &scheme = kernel().scheme();
	mm_ref mm = scheme.take_prev_mm(rq);
	// Before on_cpu: afterwards prev may run elsewhere and die.
	int prev_state = READ_ONCE(prev.__state);
	smp_store_release(prev.on_cpu, 0, "finish_task: prev->on_cpu");
	spin_unlock(rq.lock);
	local_irq_enable();
	finish_arch_post_lock_switch();
	scheme.finish_lazy(rq, mm);
	if (prev_state == TASK_DEAD)
		put_task_struct(prev);
}

task_ref find_runnable(unsigned operand)
{
	Kernel &k = kernel();
	if (operand < kUserTasks)
		return smp_load_acquire(k.pid[operand], "find_task: pid");
	if (operand < kUserTasks + 2)
		return k.ref(k.task(operand));
	rq &rq = this_rq();
	return k.ref(operand == kUserTasks + 2 ? *rq.kthread : *rq.idle);
}

// --- the exit of an interrupt ---

bool resched_wanted()
{
	const hotplug_state &h = kernel().hotplug[smp_processor_id()];
	return this_rq().need_resched || h.stop_pending ||
	       (h.wanted_down && &current_task() != this_rq().cpuhp);
}

void irq_exit()
{
	rq &rq = this_rq();
	if (this_cpu().hardirq_depth || this_cpu().irqs_off)
		return;
	if (!rq.softirq_running && !rq.bh_disabled && rcu_pending())
		rcu_softirq();
	Machine &machine = this_machine();
	while (!this_cpu().preempt_count && resched_wanted()) {
		// preempt_schedule_irq(): what is decided here is done before anybody else decides.
		machine.preempt_disable_here();
		hotplug_state &h = kernel().hotplug[smp_processor_id()];
		if (h.stop_pending) {
			h.stop_pending = false;
			cpu_stopper_thread();
			machine.preempt_enable();
		} else if (h.wanted_down && &current_task() != this_rq().cpuhp) {
			__schedule(kernel().ref(*this_rq().cpuhp));
			machine.preempt_enable();
		} else {
			this_rq().need_resched = false;
			bool may_switch = &current_task() != this_rq().cpuhp &&
					  cpu_active(smp_processor_id());
			machine.preempt_enable();
			if (may_switch)
				kernel().config().driver->preempted();
		}
	}
}

} // namespace lazymm::kernel
