// SPDX-License-Identifier: MIT
// Tasks come, change their mm and go. After kernel/fork.c, kernel/exit.c, fs/exec.c and
// kernel/kthread.c, Linux 6.12.
#include "core/kernel/kernel.h"
#include "core/kernel/membarrier.h"

namespace lazymm::kernel
{

namespace
{
/// mm_alloc(): the pgd goes on pgd_list, with softirqs on.
mm_ref mm_alloc()
{
	Kernel &k = kernel();
	mm_ref mm = k.alloc_mm();
	if (!mm)
		return {};
	spin_lock(k.pgd_lock);
	k.emit({ .kind = EventKind::mm_alloc, .mm = mm, .count = 1 });
	spin_unlock(k.pgd_lock);
	return mm;
}

/// dup_mm(): what a copy of an mm has of it, before anybody else knows it.
void copy_mm(mm_struct &mm, const mm_struct &old)
{
	mm.membarrier_state.init(old.membarrier_state.peek());
	for (unsigned var = 0; var < kPrivateVars; var++)
		mm.user_vars[var].init(old.user_vars[var].peek());
	mm.code.init(old.code.peek());
}

void task_lock(task_struct &task)
{
	spin_lock(task.alloc_lock);
}

void task_unlock(task_struct &task)
{
	spin_unlock(task.alloc_lock);
}
} // namespace

bool copy_process(unsigned slot, bool clone_vm)
{
	Kernel &k = kernel();
	task_struct &me = current_task();
	mm_ref mine = READ_ONCE(me.mm);
	if (!mine || me.kthread)
		return false;
	task_struct *child = k.alloc_task(slot, "", false, -1);
	if (!child)
		return false;
	mm_ref mm;
	if (clone_vm) {
		mmget(mine);
		mm = mine;
	} else if (mm = mm_alloc(); !mm) {
		child->allocated = false;
		return false;
	} else {
		copy_mm(*mm.unchecked(), *mine.unchecked());
	}
	child->mm.init(mm);
	child->active_mm.init(mm);
	k.emit({ .kind = EventKind::task_new, .mm = mm, .task = k.ref(*child) });
	// wake_up_new_task(): whoever finds the task finds it whole.
	smp_store_release(k.pid[slot], k.ref(*child), "copy_process: attach_pid");
	return true;
}

// --- exec ---

bool exec()
{
	task_struct &me = current_task();
	// A kernel thread becomes a user task by kernel_execve(); one that is bound to its CPU or
	// uses a user's mm does not.
	if (me.kthread && (me.bound_to >= 0 || me.used))
		return false;
	mm_ref mm = mm_alloc();
	if (!mm)
		return false;
	kernel().scheme().exec_mmap(mm);
	me.kthread = false;
	return true;
}

void Scheme::exec_mmap(mm_ref mm)
{
	task_struct &tsk = current_task();
	mm_ref old_mm = READ_ONCE(tsk.mm);
	task_lock(tsk);
	membarrier().exec_mmap(mm);
	local_irq_disable();
	mm_ref active_mm = tsk.active_mm.load();
	tsk.active_mm.store(mm);
	WRITE_ONCE(tsk.mm, mm);
	activate_mm(active_mm, mm);
	local_irq_enable();
	task_unlock(tsk);
	if (old_mm) {
		BUG_ON(!(active_mm == old_mm), "exec_mmap: active_mm != old_mm");
		mmput(old_mm);
		return;
	}
	mmdrop_lazy_tlb(active_mm, smp_processor_id());
}

// --- kernel threads that use a user's mm ---

void Scheme::kthread_use_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	mmgrab(mm, Holder::use_mm, tsk.slot);
	task_lock(tsk);
	local_irq_disable();
	mm_ref active_mm = tsk.active_mm.load();
	tsk.active_mm.store(mm);
	WRITE_ONCE(tsk.mm, mm);
	membarrier().update_current_mm(mm);
	switch_mm_irqs_off(active_mm, mm);
	local_irq_enable();
	task_unlock(tsk);
	finish_arch_post_lock_switch();
	mmdrop_lazy_tlb(active_mm, smp_processor_id()); // (E1)
}

void Scheme::kthread_unuse_mm(mm_ref mm)
{
	task_struct &tsk = current_task();
	task_lock(tsk);
	smp_mb__after_spinlock("kthread_unuse_mm: (D1) user accesses before ->mm");
	local_irq_disable();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	mmgrab_lazy_tlb(mm);
	enter_lazy_tlb(mm, tsk);
	local_irq_enable();
	task_unlock(tsk);
	mmdrop(mm, Holder::use_mm, tsk.slot);
}

// --- exit ---

void Scheme::exit_mm()
{
	task_struct &tsk = current_task();
	mm_ref mm = READ_ONCE(tsk.mm);
	if (!mm)
		return;
	mmgrab_lazy_tlb(mm);
	BUG_ON(!(mm == tsk.active_mm.load()), "exit_mm: mm != current->active_mm");
	task_lock(tsk);
	smp_mb__after_spinlock("exit_mm: (D1) user accesses before ->mm");
	local_irq_disable();
	WRITE_ONCE(tsk.mm, nullptr);
	membarrier().update_current_mm(nullptr);
	enter_lazy_tlb(mm, tsk);
	local_irq_enable();
	task_unlock(tsk);
	mmput(mm);
}

void exit_files()
{
	task_struct &tsk = current_task();
	Scheme &scheme = kernel().scheme();
	if (mm_ref mm = tsk.used) {
		scheme.kthread_unuse_mm(mm);
		tsk.used = {};
		mmput(mm);
	}
	if (mm_ref mm = tsk.got) {
		tsk.got = {};
		mmput(mm);
	}
	if (mm_ref mm = tsk.pinned) {
		tsk.pinned = {};
		scheme.mmdrop(mm, Holder::pin, tsk.slot);
	}
}

void do_exit()
{
	Kernel &k = kernel();
	task_struct &tsk = current_task();
	exit_files();
	k.scheme().exit_mm();
	if (tsk.slot < kUserTasks)
		smp_store_release(k.pid[tsk.slot], nullptr, "release_task: detach_pid");
	// do_task_dead(): schedules for the last time.
	preempt_disable();
	WRITE_ONCE(tsk.__state, TASK_DEAD);
	tsk.unfinished = false;
	__schedule(k.ref(*this_rq().idle));
	__builtin_trap();
}

/// put_task_struct_rcu_user(): who looked the task up under rcu_read_lock() may still use it.
void put_task_struct(task_struct &task)
{
	auto delayed_put = [](void *arg) {
		auto &t = *static_cast<task_struct *>(arg);
		// free_signal_struct(): softirq, so not mmdrop() (7283094ec3db).
		if (mm_ref mm = t.oom_mm) {
			t.oom_mm = {};
			kernel().scheme().mmdrop_async(mm, Holder::signal, t.slot);
		}
		kernel().free_task(t);
	};
	call_rcu(delayed_put, &task, "delayed_put_task_struct");
}

} // namespace lazymm::kernel
