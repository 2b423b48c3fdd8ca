// SPDX-License-Identifier: MIT
// The file to start a scheme of your own from. It is a complete scheme: reference counting, spelled
// out. Copy it, rename `template_scheme` and "template", and change step by step what your scheme
// does otherwise; what it does not change, it need not override (core/kernel/scheme.h has Linux
// 6.12's bodies for every step). Beside it this CMakeLists.txt is enough:
//
//	cmake_minimum_required(VERSION 3.25)
//	project(mine CXX)
//	find_package(lazymm REQUIRED)
//	add_executable(mine my_scheme.cc)
//	target_link_libraries(mine lazymm::main)
//
//	cmake -S . -B build -DCMAKE_CXX_COMPILER=clang++-19 -Dlazymm_DIR=<lazymm>/build/release
//	cmake --build build
//	build/mine run --scheme template --seconds 60
//
// At every step stands what it has to keep, which ordering it needs, and which oracle speaks when
// that is missing; `mine list oracles` says what each promises. Try it: delete a line.
//
// How the code reads: mm_struct, task_struct and rq are the kernel's; a pointer to an mm is an
// mm_ref, which knows when its object was freed. What CPUs share is Shared<T>: every load, store
// and RMW of one is an access before which another CPU or an interrupt may come. What is one CPU's
// at a time is Plain<T>: two unordered accesses to it are a data race. State of your own goes into
// members of the class, and is set up in reset() (see core/schemes/lazymm.h for a per-CPU struct).
#include "core/kernel/kernel.h"
#include "core/kernel/membarrier.h"
#include "core/schemes/registry.h"

namespace
{
using namespace lazymm::kernel;

class template_scheme : public Scheme
{
public:
	// --- what the scheme keeps

	/// Before each run: members back to what they are at boot. Nothing here, since rq->prev_mm
	/// is the kernel's. What is forgotten here makes replays diverge (exit status 125).
	void reset() override {}

	/// Hot-unplug: h1 is 5.8 to 6.13, finish_cpu() drops; h3 is 6.14, sched_force_init_mm()
	/// does.
	Protocol protocol() const override
	{
		return Protocol::h1;
	} // membarrier(): Linux 6.12's, whose GLOBAL_EXPEDITED and SYNC_CORE have a gap each;
	// core/schemes/membarrier_repaired.h has none.

	// --- references

	/// This CPU becomes lazy on mm. Unordered, as atomic_inc() is: the caller has a reference
	/// already, so the count is not 0. mm-count speaks if it was, or if this is missing.
	void mmgrab_lazy_tlb(mm_ref mm) override { mmgrab(mm, Holder::lazy, smp_processor_id()); }

	/// `cpu` is not lazy on mm any more; finish_cpu() says it for another CPU. mmdrop() is
	/// fully ordered: its release half orders this CPU's last use of the page tables before the
	/// free by whoever drops last, its acquire half is that free's. data-race speaks without.
	/// The holder is who owned the reference: mm-count names it when a drop has no grab.
	void mmdrop_lazy_tlb(mm_ref mm, unsigned cpu,
			     const Where &where = Where::current()) override
	{
		mmdrop(mm, Holder::lazy, cpu, where);
	}

	// mmdrop_lazy_tlb_sched(): the same from finish_task_switch(), where preemption is off. A
	// scheme whose drop may sleep has to put it off here. mmdrop() and mmdrop_async():
	// mm_count.

	// --- context_switch(): rq lock held, interrupts off. Nothing may be freed in here: context
	// --- speaks when __mmdrop() runs under the rq lock.

	/// The CPU becomes lazy on the mm that the user task leaves. Before prev->on_cpu is
	/// released (finish_task_switch()), because until then prev's mm_users keeps the mm;
	/// afterwards prev may exit elsewhere: stale-active-mm, page-table.
	void user_to_kernel(rq &, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		next.active_mm.store(mm);
		mmgrab_lazy_tlb(mm);
	}

	/// The CPU stays lazy on the same mm; its reference goes from prev to next, and is not
	/// counted anew (mm-count: a leak).
	void kernel_to_kernel(rq &, task_struct &prev, task_struct &next) override
	{
		next.active_mm.store(prev.active_mm.load());
		prev.active_mm.store(nullptr);
	}

	/// The CPU stops being lazy. First the hardware leaves the page tables, then the reference
	/// goes; the other way round page-table speaks. The drop waits for finish_lazy().
	void kernel_to_user(rq &rq, task_struct &prev, task_struct &next) override
	{
		mm_ref mm = prev.active_mm.load();
		switch_mm_irqs_off(mm, READ_ONCE(next.mm));
		rq.prev_mm.store(mm);
		prev.active_mm.store(nullptr);
	}

	/// No lazy reference is involved: prev and next have mm_users.
	void user_to_user(rq &, task_struct &prev, task_struct &next) override
	{
		switch_mm_irqs_off(prev.active_mm.load(), READ_ONCE(next.mm));
	}

	// --- finish_task_switch(): on the new stack

	/// rq lock still held: what the switch left behind is read and cleared, before an interrupt
	/// can switch again and find it. mm-count speaks if it is dropped twice, or overwritten.
	mm_ref take_prev_mm(rq &rq) override
	{
		mm_ref mm = rq.prev_mm.load();
		if (mm)
			rq.prev_mm.store(nullptr);
		return mm;
	} /// rq lock released, interrupts on, preemption off: what frees may be done here. When the
	  /// mm
	/// did not change, switch_mm_irqs_off() had neither a barrier nor a core sync, and
	/// membarrier(2) needs both between rq->curr and user code: mmdrop() is the barrier. A
	/// scheme without it has to say smp_mb(): membarrier-fence, core-serialised.
	void finish_lazy(rq &, mm_ref prev_mm) override
	{
		if (!prev_mm)
			return;
		membarrier().sync_core_before_usermode(prev_mm);
		mmdrop_lazy_tlb_sched(prev_mm, smp_processor_id());
	}
	// schedule_tail(): what a forked child runs first; calls finish_task_switch() as well.

	// --- current changes its mm. Interrupts are off from active_mm to the hardware: a TLB
	// --- flush IPI trusts active_mm (page-table: stale-tlb), and a preemption would find
	// --- current half changed (mm-count).

	/// exec. A kernel thread (kernel_execve()) has no mm of its own and was lazy: that
	/// reference ends here. active_mm is read with interrupts off, because a kernel thread that
	/// is preempted before may come back lazy on another mm (d53c3dfb23c4).
	void exec_mmap(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		mm_ref old_mm = READ_ONCE(tsk.mm);
		spin_lock(tsk.alloc_lock);
		membarrier().exec_mmap(mm);
		local_irq_disable();
		mm_ref active_mm = tsk.active_mm.load();
		tsk.active_mm.store(mm);
		WRITE_ONCE(tsk.mm, mm);
		switch_mm_irqs_off(active_mm, mm);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		finish_arch_post_lock_switch();
		if (old_mm)
			mmput(old_mm);
		else
			mmdrop_lazy_tlb(active_mm, smp_processor_id());
	}

	/// The task goes on as a kernel task that is lazy on its last mm. The grab comes before
	/// ->mm = NULL: a preemption in between would be a kernel->kernel switch, which hands on a
	/// reference that nobody took (mm-count).
	void exit_mm() override
	{
		task_struct &tsk = current_task();
		mm_ref mm = READ_ONCE(tsk.mm);
		if (!mm)
			return;
		mmgrab_lazy_tlb(mm);
		spin_lock(tsk.alloc_lock);
		smp_mb__after_spinlock("template: exit_mm: user accesses before ->mm");
		local_irq_disable();
		WRITE_ONCE(tsk.mm, nullptr);
		membarrier().update_current_mm(nullptr);
		enter_lazy_tlb(mm, tsk);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		mmput(mm);
	}

	/// The caller has an mm_users reference; the use takes an mm_count of its own, and the lazy
	/// reference ends.
	void kthread_use_mm(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		mmgrab(mm, Holder::use_mm, tsk.slot);
		spin_lock(tsk.alloc_lock);
		local_irq_disable();
		mm_ref active_mm = tsk.active_mm.load();
		tsk.active_mm.store(mm);
		WRITE_ONCE(tsk.mm, mm);
		membarrier().update_current_mm(mm);
		switch_mm_irqs_off(active_mm, mm);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		finish_arch_post_lock_switch();
		mmdrop_lazy_tlb(active_mm, smp_processor_id()); // membarrier's barrier, too
	}

	/// And back: lazy on what was used.
	void kthread_unuse_mm(mm_ref mm) override
	{
		task_struct &tsk = current_task();
		spin_lock(tsk.alloc_lock);
		smp_mb__after_spinlock("template: kthread_unuse_mm: user accesses before ->mm");
		local_irq_disable();
		WRITE_ONCE(tsk.mm, nullptr);
		membarrier().update_current_mm(nullptr);
		mmgrab_lazy_tlb(mm);
		enter_lazy_tlb(mm, tsk);
		local_irq_enable();
		spin_unlock(tsk.alloc_lock);
		mmdrop(mm, Holder::use_mm, tsk.slot);
	}

	// --- last user gone, last reference gone

	/// mm_users is 0, and never becomes anything else again: no CPU can newly become lazy on
	/// mm. Schemes that look for the CPUs that are lazy on it do so before its user page tables
	/// are freed, or after. stale-active-mm and page-table speak if they overlook one.
	void before_exit_mmap(mm_ref) override {}
	void after_exit_mmap(mm_ref) override {}

	/// In __mmdrop(): mm_count is 0, the pgd is freed next. Runs wherever a last reference
	/// goes, also in finish_cpu(), under cpus_write_lock; what waits in here may wait for ever
	/// (progress).
	void cleanup_lazy_tlbs(mm_ref) override {}

	// --- CPU going down

	// sched_force_init_mm(): with Protocol::h3, in the hotplug thread of the CPU that goes
	// down.

	/// With h1, on the CPU that dies: its hardware leaves the page tables; active_mm stays.
	void idle_task_exit() override
	{
		mm_ref mm = current_task().active_mm.load();
		if (!(mm == init_mm())) {
			switch_mm(mm, init_mm());
			finish_arch_post_lock_switch();
		}
	}

	/// With h1, on the CPU that took `cpu` down, cpus_write_lock held: the dead CPU's lazy
	/// reference. A scheme that did not count it must not drop it: that is how rcutorture broke
	/// lazymm-2021 (mm-count). One that keeps something else per CPU has to clear it somewhere
	/// here, or the CPU comes up with it (kernel-bug, stale-active-mm).
	void finish_cpu(unsigned cpu) override
	{
		task_struct &idle = *kernel().cpu_rq(cpu).idle;
		mm_ref mm = idle.active_mm.load();
		if (!(mm == init_mm()))
			idle.active_mm.store(init_mm());
		mmdrop_lazy_tlb(mm, cpu);
	}

	// idle_starts(): a CPU comes up, lazy on init_mm.

	// --- what the oracles may know

	/// A lazy CPU owns one mm_count, and so does a kernel thread in kthread_use_mm(). mm-count
	/// holds the scheme to it at quiescence. A hazard pointer is not counted: return false, and
	/// say in expected_mm_count() what else owns a reference.
	bool counts_lazy() const override { return true; }
	bool counts_use() const override { return true; }
};

REGISTER_SCHEME({
	.name = "template",
	.from = "core/schemes/template.cc",
	.summary = "a lazy CPU owns one mm_count; every step spelled out",
	.expect = lazymm::schemes::Expect::sound,
	.make = lazymm::schemes::make<template_scheme>,
});

} // namespace
