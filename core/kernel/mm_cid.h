// SPDX-License-Identifier: MIT
// Concurrency ids: of the threads of an mm that run at the same time each has another small number
// (user space indexes per-"CPU" data with it, rseq's mm_cid). After kernel/sched/sched.h and
// kernel/sched/core.c, Linux 6.12 (CONFIG_SCHED_MM_CID). On only if a script compacts cids: it
// costs each switch some accesses.
//
// A CPU keeps the cid that it had for an mm (mm->pcpu_cid[cpu]) when it leaves. Somebody else may
// take it back: marks it lazy, and gives it free if nobody who runs there uses the mm. So (O13)
//
//	switch:  rq->curr = next; barrier; load pcpu_cid
//	clear:   pcpu_cid = lazy (cmpxchg); barrier; load rq->curr
//
// The barrier of a switch is the scheme's or the architecture's in passing, as (E) of membarrier
// is; who changes one of those changes this.
//
// Two gaps of 6.12 are closed unless a scheme says otherwise (Scheme::repairs_mm_cid()).
//
// Differs: no cid_lock (it is for forward progress), no time (what is looked at is always old
// enough), no moving of cids with migrating tasks.
#pragma once

#include "core/kernel/types.h"

namespace lazymm::kernel
{

/// Of a new mm: no cid is given away.
void mm_init_cid(mm_struct &mm);
/// In context_switch(), behind the switch of the mm; rq lock held.
void switch_mm_cid(rq &rq, task_struct &prev, task_struct &next);
/// Current keeps no cid from here on: at exit, and before exec.
void sched_mm_cid_deactivate();
/// ... and has one of its mm's again: behind exec.
void sched_mm_cid_after_execve();
/// task_mm_cid_work(): takes the cids of current's mm back that no running thread uses.
void task_mm_cid_work();

} // namespace lazymm::kernel
