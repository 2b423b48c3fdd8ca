// SPDX-License-Identifier: MIT
// CPU hotplug. After kernel/cpu.c, kernel/stop_machine.c and kernel/sched/core.c, Linux 6.12 (H1)
// and 6.14 (H3). The order of steps is schemes.md 2.8's: inactive, wait_empty (H3), stop_machine
// with take_cpu_down, idle_task_exit (H1), dead, finish_cpu on the control CPU. Differs: the
// stopper and cpuhp/N are as urgent as an interrupt, and the stopper borrows the stack of what is
// current.
#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
struct Target {
	Kernel *kernel;
	unsigned cpu;
};

void kick(unsigned cpu)
{
	// A reschedule IPI: irq_exit() does the work.
	this_machine().raise(cpu, [](void *) {}, nullptr);
}

/// Runs fn at stop_machine()'s meeting point on CPU `target`.
void stop_machine(unsigned target)
{
	Kernel &k = kernel();
	stop_machine_state &s = k.stop;
	s.arrived.init(0);
	s.disabled.init(0);
	s.done.init(0);
	s.target = target;
	s.expected = 0;
	for (unsigned i = 0; i < this_machine().cpus(); i++)
		s.expected += k.hotplug[i].online.peek();
	preempt_disable();
	unsigned self = smp_processor_id();
	for (unsigned i = 0; i < this_machine().cpus(); i++) {
		if (i == self || !k.hotplug[i].online.peek())
			continue;
		k.hotplug[i].stop_pending = true;
		kick(i);
	}
	cpu_stopper_thread();
	preempt_enable();
}

void take_cpu_down(unsigned cpu)
{
	WRITE_ONCE(kernel().hotplug[cpu].online, 0);
	kernel().arch().cpu_disable(cpu);
	kernel().emit({ .kind = EventKind::hotplug,
			.value = int(cpu),
			.text = "take_cpu_down: offline" });
}

bool may_control(unsigned cpu)
{
	Kernel &k = kernel();
	task_struct &me = current_task();
	rq &rq = this_rq();
	return cpu < k.config().cpus && &me != rq.idle && &me != rq.cpuhp;
}
} // namespace

bool cpu_active(unsigned cpu)
{
	return READ_ONCE(kernel().hotplug[cpu].active) != 0;
}

void cpu_stopper_thread()
{
	stop_machine_state &s = kernel().stop;
	auto arrived = [](void *arg) {
		auto *s = static_cast<stop_machine_state *>(arg);
		return s->arrived.peek() == s->expected;
	};
	auto disabled = [](void *arg) {
		auto *s = static_cast<stop_machine_state *>(arg);
		return s->disabled.peek() == s->expected;
	};
	auto done = [](void *arg) {
		return static_cast<stop_machine_state *>(arg)->done.peek() != 0;
	};
	preempt_disable();
	// MULTI_STOP_PREPARE: interrupts stay on until everybody is here.
	detail::rmw(s.arrived, RmwOp::add, 1, Order::full, nullptr);
	spin_until(arrived, &s, "stop_machine: everybody here");
	local_irq_disable();
	detail::rmw(s.disabled, RmwOp::add, 1, Order::full, nullptr);
	spin_until(disabled, &s, "stop_machine: interrupts off");
	if (smp_processor_id() == s.target) {
		take_cpu_down(s.target);
		smp_store_release(s.done, 1, "stop_machine: done");
	} else {
		do
			spin_until(done, &s, "stop_machine: function");
		while (!smp_load_acquire(s.done, "stop_machine: wait"));
	}
	local_irq_enable();
	preempt_enable();
	// do_idle(): an idle task on an offline CPU does not come back.
	if (!kernel().hotplug[smp_processor_id()].online.here())
		play_dead();
}

bool cpu_down(unsigned cpu)
{
	Kernel &k = kernel();
	if (!may_control(cpu) || cpu == smp_processor_id())
		return false;
	Target target{ &k, cpu };
	cpus_write_lock();
	hotplug_state &h = k.hotplug[cpu];
	// The task may sit on another CPU than it began on.
	if (!READ_ONCE(h.online) || cpu == smp_processor_id()) {
		cpus_write_unlock();
		return false;
	}
	k.emit({ .kind = EventKind::hotplug, .value = int(cpu), .text = "cpu_down" });
	h.ap_done.init(0);
	h.dead.init(0);
	h.wanted_down = true;
	kick(cpu);
	// The hotplug thread has run and the idle task is back.
	auto ap_done = [](void *arg) {
		auto *t = static_cast<Target *>(arg);
		rq &rq = t->kernel->cpu_rq(t->cpu);
		return t->kernel->hotplug[t->cpu].ap_done.peek() &&
		       rq.curr.peek() == t->kernel->ref(*rq.idle) && rq.idle->on_cpu.peek() &&
		       !rq.cpuhp->on_cpu.peek();
	};
	do
		sleep_until(ap_done, &target, "cpuhp: teardown");
	while (!smp_load_acquire(h.ap_done, "cpuhp: wait_for_ap_thread"));
	stop_machine(cpu);
	auto dead = [](void *arg) {
		auto *t = static_cast<Target *>(arg);
		return t->kernel->hotplug[t->cpu].dead.peek() != 0;
	};
	do
		sleep_until(dead, &target, "cpuhp: CPU dead");
	while (!smp_load_acquire(h.dead, "cpuhp_bp_sync_dead"));
	k.scheme().finish_cpu(cpu);
	cpus_write_unlock();
	return true;
}

void cpuhp_thread()
{
	Kernel &k = kernel();
	for (;;) {
		unsigned cpu = smp_processor_id();
		hotplug_state &h = k.hotplug[cpu];
		if (h.wanted_down) {
			h.wanted_down = false;
			// sched_cpu_deactivate(): nobody who saw the CPU active is still at it.
			WRITE_ONCE(h.active, 0);
			synchronize_rcu();
			// sched_cpu_wait_empty()
			if (k.config().protocol == Protocol::h3)
				k.scheme().sched_force_init_mm();
			smp_store_release(h.ap_done, 1, "cpuhp: complete_ap_thread");
		}
		schedule_to(k.ref(*this_rq().idle));
	}
}

void play_dead()
{
	Kernel &k = kernel();
	unsigned cpu = smp_processor_id();
	hotplug_state &h = k.hotplug[cpu];
	preempt_disable();
	local_irq_disable();
	k.emit({ .kind = EventKind::hotplug, .value = int(cpu), .text = "rcu_report_dead" });
	k.scheme().idle_task_exit();
	k.emit({ .kind = EventKind::hotplug, .value = int(cpu), .text = "CPU dead" });
	smp_store_release(h.dead, 1, "cpuhp_ap_report_dead");

	auto brought_up = [](void *arg) {
		return static_cast<hotplug_state *>(arg)->bring_up.peek() != 0;
	};
	machine::Wait wait{ .ready = brought_up, .arg = &h, .what = "CPU down", .idle = true };
	do
		this_machine().wait(wait);
	while (!smp_load_acquire(h.bring_up, "cpuhp: kicked"));
	k.arch().cpu_starting(cpu);
	k.scheme().idle_starts(cpu);
	WRITE_ONCE(h.online, 1);
	WRITE_ONCE(h.active, 1);
	k.emit({ .kind = EventKind::hotplug, .value = int(cpu), .text = "CPU up" });
	smp_store_release(h.bring_up, 0, "cpuhp: complete_ap_thread (up)");
	local_irq_enable();
	preempt_enable();
}

bool cpu_up(unsigned cpu)
{
	Kernel &k = kernel();
	if (!may_control(cpu))
		return false;
	cpus_write_lock();
	hotplug_state &h = k.hotplug[cpu];
	if (READ_ONCE(h.online)) {
		cpus_write_unlock();
		return false;
	}
	smp_store_release(h.bring_up, 1, "cpuhp: kick_ap");
	auto up = [](void *arg) { return static_cast<hotplug_state *>(arg)->bring_up.peek() == 0; };
	do
		sleep_until(up, &h, "cpuhp: CPU up");
	while (smp_load_acquire(h.bring_up, "cpuhp: wait_for_ap_thread (up)"));
	cpus_write_unlock();
	return true;
}

// --- the mm part of it ---

void Scheme::sched_force_init_mm()
{
	task_struct &me = current_task();
	mm_ref mm = me.active_mm.load();
	if (mm == init_mm())
		return;
	mmgrab_lazy_tlb(init_mm());
	local_irq_disable();
	me.active_mm.store(init_mm());
	switch_mm_irqs_off(mm, init_mm());
	local_irq_enable();
	finish_arch_post_lock_switch();
	mmdrop_lazy_tlb(mm, smp_processor_id());
}

void Scheme::exit_lazy_tlb()
{
	task_struct &me = current_task();
	mm_ref mm = me.active_mm.load();
	mmgrab_lazy_tlb(init_mm());
	me.active_mm.store(init_mm());
	switch_mm_irqs_off(mm, init_mm());
	mmdrop_lazy_tlb(mm, smp_processor_id());
}

void Scheme::idle_task_exit()
{
	mm_ref mm = current_task().active_mm.load();
	if (!(mm == init_mm())) {
		switch_mm(mm, init_mm());
		finish_arch_post_lock_switch();
	}
	// finish_cpu(), on the control CPU, will clean up the active_mm state.
}

void Scheme::finish_cpu(unsigned cpu)
{
	task_struct &idle = *kernel().cpu_rq(cpu).idle;
	mm_ref mm = idle.active_mm.load();
	if (!(mm == init_mm()))
		idle.active_mm.store(init_mm());
	mmdrop_lazy_tlb(mm, cpu);
}

void Scheme::idle_starts(unsigned cpu)
{
	// Architectures use a plain mmgrab(): each cycle of off and on leaks one count of init_mm.
	mmgrab(init_mm(), Holder::lazy, cpu);
	current_task().active_mm.store(init_mm());
}

} // namespace lazymm::kernel
