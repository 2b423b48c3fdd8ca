// SPDX-License-Identifier: MIT
// membarrier(2). After kernel/sched/membarrier.c and membarrier_switch_mm() of
// kernel/sched/sched.h, Linux 6.12: its steps, as they are there. What a planted bug does otherwise
// is a virtual step.
//
// What it promises (the table above sys_membarrier()): for every thread that a call covers,
// accesses that a barrier() separates are ordered with what the caller does before and after the
// call. What it leans on elsewhere, by letter:
//
//	(a)	caller: before it reads any rq->curr		pairs with (E)
//	(c)	caller: after the last IPI			pairs with (D)
//	(D)	before the stores that say "not me": rq->curr in __schedule() (D0), ->mm in
//		exit_mm(), kthread_unuse_mm() (D1) and exec_mmap() (D1')
//	(E)	after the stores that say "me", before user code: switch_mm() if the mm changes,
// else 		what drops the lazy reference; in kthread_use_mm() likewise (E1)
#pragma once

#include <cstdint>

#include "core/kernel/types.h"

namespace lazymm::kernel
{

enum class MembarrierCmd : std::uint8_t {
	private_expedited,
	global_expedited,
	sync_core,
	rseq,
	global,
	query,
	get_registrations,
};
const char *name(MembarrierCmd cmd);

enum class MembarrierReg : std::uint8_t { private_expedited, global_expedited, sync_core, rseq };
const char *name(MembarrierReg reg);

/// Bits of mm->membarrier_state. include/linux/sched/mm.h
namespace membarrier_state
{
inline constexpr int private_expedited_ready = 1, private_expedited = 2, global_expedited_ready = 4,
		     global_expedited = 8, sync_core_ready = 16, sync_core = 32, rseq_ready = 64,
		     rseq = 128;
}

inline constexpr int kEPERM = 1, kEINVAL = 22;

class Membarrier
{
public:
	virtual ~Membarrier() = default;

	/// sys_membarrier(): 0, a mask, or -errno. `cpu`: MEMBARRIER_CMD_FLAG_CPU, rseq only.
	int call(MembarrierCmd cmd, int cpu = -1);
	int register_mm(MembarrierReg reg);

	// --- from the scheduler and from those who change current's mm ---
	/// In context_switch() to a user task, rq lock held.
	virtual void switch_mm(rq &rq, mm_ref prev, mm_ref next);
	/// Empty: to the kernel. Interrupts off.
	virtual void update_current_mm(mm_ref next);
	/// `mm` is the new image's.
	virtual void exec_mmap(mm_ref mm);
	/// In finish_task_switch(): what CR3 would have serialised if the mm had changed.
	virtual void sync_core_before_usermode(mm_ref prev_mm);

protected:
	// --- the steps ---
	/// GLOBAL_EXPEDITED sends an IPI to that CPU.
	virtual bool global_wants(unsigned cpu);
	/// curr->mm of that CPU, without a lock: under rcu_read_lock().
	virtual mm_ref curr_mm(unsigned cpu);
	/// Nobody else runs in the mm: no IPI is needed.
	virtual bool alone(mm_ref mm);
	virtual bool alone_to_register(mm_ref mm) { return alone(mm); }
	virtual void read_lock();
	virtual void read_unlock();
	/// "All future scheduler executions will observe mm's new membarrier state."
	virtual void wait_for_schedulers();
	/// Whether SYNC_CORE takes neither shortcut nor exception: it includes the caller's CPU.
	virtual bool sync_core_everywhere() const { return true; }
	/// Of ipi_sync_core(): sync_core_before_usermode().
	virtual void sync_core_in_ipi();

private:
	int global_expedited();
	int private_expedited(MembarrierCmd cmd, int cpu);
	void send(MembarrierCmd cmd, int cpu, mm_ref mm);
	void sync_runqueues(mm_ref mm);
	std::uint32_t cpus_running(mm_ref mm);
	int registrations();
};

} // namespace lazymm::kernel
