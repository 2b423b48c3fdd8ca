// SPDX-License-Identifier: MIT
#include "core/harness/script.h"

#include "core/kernel/membarrier.h"
#include "core/kernel/mm_cid.h"
#include "core/kernel/pte_table.h"
#include "core/kernel/user.h"

namespace lazymm
{

using namespace kernel;
using schedule::Op;
using schedule::OpKind;

void Script::begin(const schedule::Schedule &schedule)
{
	schedule_ = &schedule;
	ops_.clear();
	probes_ = mm_cid_ = false;
	for (unsigned cpu = 0; cpu < schedule.cpus.size(); cpu++) {
		next_[cpu] = ops_.size();
		for (const Op &op : schedule.cpus[cpu]) {
			ops_.push_back(&op);
			probes_ = probes_ || schedule::is_user_op(op.kind);
			mm_cid_ = mm_cid_ || op.kind == OpKind::cid_work;
		}
		end_[cpu] = ops_.size();
	}
	taken_.assign(ops_.size(), false);
	begun_ = 0;
}

int Script::take(unsigned cpu, bool only_switch)
{
	for (unsigned i = next_[cpu]; i < end_[cpu]; i++) {
		if (taken_[i] || (only_switch && ops_[i]->kind != OpKind::switch_to))
			continue;
		taken_[i] = true;
		while (next_[cpu] < end_[cpu] && taken_[next_[cpu]])
			next_[cpu]++;
		begun_++;
		return i;
	}
	return -1;
}

void Script::run_task(task_struct &task)
{
	for (;;) {
		user_accesses_memory();
		if (probes_)
			user_mode();
		int op = take(smp_processor_id(), false);
		if (op >= 0) {
			this_machine().begin_activity(op);
			kernel::kernel().operation_begins();
			// A task that was switched away from is done; one that was preempted is
			// not.
			task.unfinished = ops_[op]->kind != OpKind::switch_to;
			carry_out(op);
			task.unfinished = false;
			continue;
		}
		auto never = [](void *) { return false; };
		machine::Wait idle{ .ready = never, .what = "nothing to do", .idle = true };
		if (!this_machine().wait(idle))
			help();
	}
}

void Script::help()
{
	if (task_struct *t = kernel::kernel().unfinished_task(smp_processor_id()))
		schedule_to(kernel::kernel().ref(*t));
	else if (rcu_pending())
		rcu_softirq();
	else {
		// A work item may sleep, and is then half done like any operation.
		current_task().unfinished = true;
		run_work();
		current_task().unfinished = false;
	}
}

void Script::preempted()
{
	int op = take(smp_processor_id(), true);
	if (op < 0)
		return;
	machine::Activity half_done = this_machine().suspend_activity();
	this_machine().begin_activity(op);
	kernel::kernel().operation_begins();
	carry_out(op);
	this_machine().resume_activity(half_done);
}

namespace
{
/// Who may do what: idle tasks never block.
bool is_idle(const task_struct &me)
{
	return &me == this_rq().idle;
}

void do_switch(unsigned operand)
{
	// rcu_read_lock(): the task may not be freed under us.
	preempt_disable();
	__schedule(find_runnable(operand));
	preempt_enable();
}

void do_use_mm(task_struct &me, unsigned user)
{
	if (!me.kthread || me.used || is_idle(me))
		return;
	if (mm_ref mm = get_task_mm(user)) {
		me.used = mm;
		kernel::kernel().scheme().kthread_use_mm(mm);
	}
}

void do_unuse_mm(task_struct &me)
{
	if (mm_ref mm = me.used) {
		kernel::kernel().scheme().kthread_unuse_mm(mm);
		me.used = {};
		mmput(mm);
	}
}

void do_get(task_struct &me, unsigned user)
{
	if (me.got || is_idle(me))
		return;
	if (me.pinned)
		me.got = mmget_not_zero(me.pinned) ? me.pinned : mm_ref{};
	else
		me.got = get_task_mm(user);
}

void do_put(task_struct &me)
{
	if (mm_ref mm = me.got) {
		me.got = {};
		mmput(mm);
	}
}

void do_pin(task_struct &me, unsigned user)
{
	if (!me.pinned && !is_idle(me))
		me.pinned = grab_task_mm(user);
}

void do_unpin(task_struct &me)
{
	if (mm_ref mm = me.pinned) {
		me.pinned = {};
		kernel::kernel().scheme().mmdrop(mm, Holder::pin, me.slot);
	}
}
/// User code, or a kernel thread that uses a user's mm, reaches the variables.
bool has_variables(const task_struct &me)
{
	return bool(me.mm.here());
}

/// System calls and code are for user tasks only.
bool in_user_mode(const task_struct &me)
{
	return me.mm.here() && !me.kthread;
}

void do_membarrier(task_struct &me, MembarrierCmd cmd, int cpu = -1)
{
	if (in_user_mode(me))
		kernel::kernel().scheme().membarrier().call(cmd, cpu);
}
} // namespace

void Script::carry_out(int index)
{
	const Op &op = *ops_[index];
	task_struct &me = current_task();
	switch (op.kind) {
	case OpKind::switch_to:
		return do_switch(op.operand);
	case OpKind::fork:
		copy_process(op.operand, false);
		return;
	case OpKind::thread:
		copy_process(op.operand, true);
		return;
	case OpKind::exec:
		if (!is_idle(me))
			exec();
		return;
	case OpKind::exit:
		if (!me.kthread)
			do_exit();
		return;
	case OpKind::use_mm:
		return do_use_mm(me, op.operand);
	case OpKind::unuse_mm:
		return do_unuse_mm(me);
	case OpKind::get:
		return do_get(me, op.operand);
	case OpKind::put:
		return do_put(me);
	case OpKind::pin:
		return do_pin(me, op.operand);
	case OpKind::unpin:
		return do_unpin(me);
	case OpKind::oom:
		return mark_oom_victim(op.operand);
	case OpKind::touch:
		return mmu_walk();
	case OpKind::unmap:
		if (me.mm.here())
			unmap_page();
		return;
	case OpKind::offline:
		cpu_down(op.operand);
		return;
	case OpKind::online:
		cpu_up(op.operand);
		return;
	case OpKind::rcu:
		if (!this_rq().softirq_running)
			rcu_softirq();
		return;
	case OpKind::sync_rcu:
		if (!is_idle(me))
			synchronize_rcu();
		return;
	case OpKind::work:
		if (!is_idle(me))
			run_work();
		return;
	case OpKind::store:
		if (has_variables(me))
			user_store(op.operand);
		return;
	case OpKind::load:
		if (has_variables(me))
			user_load(op.operand);
		return;
	case OpKind::barrier:
		if (has_variables(me))
			user_barrier();
		return;
	case OpKind::store_store:
	case OpKind::store_load:
	case OpKind::load_load:
		if (!has_variables(me))
			return;
		if (op.kind == OpKind::load_load)
			user_load(op.operand);
		else
			user_store(op.operand);
		user_barrier();
		if (op.kind == OpKind::store_store)
			user_store(op.operand ^ 1);
		else
			user_load(op.operand ^ 1);
		return;
	case OpKind::alloc_table:
	case OpKind::free_table:
		if (!me.mm.here() || !kernel::kernel().scheme().has_page_tables())
			return;
		if (op.kind == OpKind::alloc_table)
			pte_alloc();
		else
			retract_page_table();
		return;
	case OpKind::membarrier:
		return do_membarrier(me, static_cast<MembarrierCmd>(op.operand));
	case OpKind::membarrier_rseq:
		return do_membarrier(me, MembarrierCmd::rseq, op.operand);
	case OpKind::register_mm:
		if (in_user_mode(me))
			kernel::kernel().scheme().membarrier().register_mm(
				static_cast<MembarrierReg>(op.operand));
		return;
	case OpKind::cid_work:
		if (in_user_mode(me))
			task_mm_cid_work();
		return;
	case OpKind::patch:
		if (in_user_mode(me))
			patch_code();
		return;
	case OpKind::run_code:
		if (in_user_mode(me))
			run_code();
		return;
	}
}

} // namespace lazymm
