// SPDX-License-Identifier: MIT
// The steps where schemes for keeping a lazily used mm alive differ. The bodies here are Linux
// 6.12's common skeleton (schemes.md section 2); a scheme overrides what it does otherwise, in the
// order in which a reader meets the steps, and nothing else.
#pragma once

#include "core/kernel/arch.h"
#include "core/kernel/events.h"
#include "core/kernel/types.h"

namespace lazymm::kernel
{

class Kernel;
class Membarrier;

enum class Protocol : std::uint8_t {
	h1, ///< 5.8 .. 6.13: idle_task_exit() switches hardware only, finish_cpu() drops
	h3  ///< 6.14: sched_force_init_mm() in the last state before teardown
};

class Scheme
{
public:
	virtual ~Scheme() = default;

	/// At the end of boot: what the scheme keeps per CPU, for what runs and is loaded there.
	virtual void reset() {}
	/// membarrier(2): Linux 6.12's.
	virtual Membarrier &membarrier();
	/// Whether two gaps of Linux 6.12's concurrency ids are closed (linux_6_12.cc).
	virtual bool repairs_mm_cid() const { return true; }
	/// The hot-unplug protocol that the scheme was made for.
	virtual Protocol protocol() const { return Protocol::h1; }
	/// The architecture that the scheme was made for.
	virtual ArchKind arch() const { return ArchKind::generic; }
	/// An architecture of its own, whatever the schedule says: for planted bugs.
	virtual Arch *arch_variant() { return nullptr; }

	// --- references ---
	/// This CPU becomes lazy on mm / `cpu` stops being lazy on it. include/linux/sched/mm.h
	virtual void mmgrab_lazy_tlb(mm_ref mm) = 0;
	virtual void mmdrop_lazy_tlb(mm_ref mm, unsigned cpu,
				     const Where &where = Where::current()) = 0;
	/// From finish_task_switch(): preemption off.
	virtual void mmdrop_lazy_tlb_sched(mm_ref mm, unsigned cpu,
					   const Where &where = Where::current())
	{
		mmdrop_lazy_tlb(mm, cpu, where);
	}
	/// mm_count. kernel/fork.c
	virtual void mmdrop(mm_ref mm, Holder holder, int id,
			    const Where &where = Where::current());
	/// From contexts where __mmdrop() may not run: by a work item.
	virtual void mmdrop_async(mm_ref mm, Holder holder, int id,
				  const Where &where = Where::current());

	// --- context_switch(): rq lock held, interrupts off. kernel/sched/core.c ---
	virtual void user_to_kernel(rq &rq, task_struct &prev, task_struct &next);
	virtual void kernel_to_kernel(rq &rq, task_struct &prev, task_struct &next);
	virtual void kernel_to_user(rq &rq, task_struct &prev, task_struct &next);
	virtual void user_to_user(rq &rq, task_struct &prev, task_struct &next);

	// --- finish_task_switch(): on the new stack ---
	/// rq lock still held: reads and clears rq->prev_mm.
	virtual mm_ref take_prev_mm(rq &rq);
	/// rq lock released, interrupts on, preemption off.
	virtual void finish_lazy(rq &rq, mm_ref prev_mm);
	/// What a forked child runs first.
	virtual void schedule_tail(task_struct &prev);

	// --- current changes its mm ---
	virtual void exec_mmap(mm_ref mm);	///< fs/exec.c
	virtual void exit_mm();			///< kernel/exit.c
	virtual void kthread_use_mm(mm_ref mm); ///< kernel/kthread.c
	virtual void kthread_unuse_mm(mm_ref mm);

	/// An IPI makes the CPU leave the mm that current is lazy on, for init_mm: in the handler.
	/// powerpc's exit_lazy_flush_tlb().
	virtual void exit_lazy_tlb();
	/// x86: the IPI of a flush finds the CPU lazy and takes the hardware to init_mm, behind the
	/// scheduler's back: active_mm stays. For schemes that keep what is loaded themselves.
	virtual void lazy_flush_loads_init_mm();

	// --- last user gone, last reference gone. kernel/fork.c ---
	virtual void before_exit_mmap(mm_ref) {}
	virtual void after_exit_mmap(mm_ref) {}
	/// In __mmdrop(), mm_count 0, before the pgd is freed.
	virtual void cleanup_lazy_tlbs(mm_ref) {}

	/// The memory of the struct, at the end of __mmdrop().
	virtual void free_mm(mm_ref mm);

	// --- page tables below the pgd, for schemes that are about their lifetime. arch/s390 ---
	virtual bool has_page_tables() const { return false; }
	/// A new mm: spin_lock_init() and INIT_LIST_HEAD() of mm->context.
	virtual void init_new_context(mm_ref mm);
	/// SLAB_TYPESAFE_BY_RCU: a freed mm_struct stays one while a reader could know it.
	virtual bool mm_is_typesafe() const { return false; }
	/// A 2K table for mm, empty if there is no memory.
	virtual fragment page_table_alloc(mm_ref) { return {}; }
	/// A table that nobody walks any more.
	virtual void page_table_free(mm_ref, fragment) {}
	/// A table that somebody may still walk under rcu_read_lock(). May not allocate memory.
	virtual void pte_free_defer(mm_ref, fragment) {}

	// --- CPU going down ---
	/// H3, in the hotplug thread of the outgoing CPU. kernel/sched/core.c (6.14)
	virtual void sched_force_init_mm();
	/// On the dying CPU's idle task.
	virtual void idle_task_exit();
	/// On the control CPU, cpus_write_lock held. kernel/cpu.c
	virtual void finish_cpu(unsigned cpu);
	/// A CPU's idle task comes up, active_mm is &init_mm.
	virtual void idle_starts(unsigned cpu);

	// --- what the oracles may know ---
	/// Whether a CPU that is lazy on an mm owns one of its mm_count.
	virtual bool counts_lazy() const { return true; }
	/// Whether kthread_use_mm() takes one of its own, besides the caller's mm_users.
	virtual bool counts_use() const { return true; }
	/// Whether all CPUs have left an mm before exit_mmap() frees its user page tables. If not,
	/// lazy CPUs have the pgd until mm_count is 0.
	virtual bool leaves_before_exit_mmap() const { return false; }
	/// mm_count as the scheme's own rules have it at quiescence (schemes.md 3, V3). Not an
	/// access.
	virtual int expected_mm_count(Kernel &kernel, mm_ref mm) const;
};

} // namespace lazymm::kernel
