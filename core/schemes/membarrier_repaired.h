// SPDX-License-Identifier: MIT
// membarrier(2) with four gaps of Linux 6.12 closed, for schemes and planted bugs that are not
// about them. Linux's own is core/kernel/membarrier.h.
#pragma once

#include "core/kernel/kernel.h"
#include "core/kernel/membarrier.h"

namespace lazymm::schemes
{

/// rq->membarrier_state follows every switch to a user task. 6.12 leaves it alone if
/// prev->active_mm is next->mm, although exit_mm() and kthread_unuse_mm() have set it to 0, and
/// although the mm may have registered while the CPU was lazy on it, which no IPI told the CPU. The
/// patch of 618758ed3a4f had that in its third version ("The scheduler must use
/// membarrier_switch_mm for lazy TLB case as well", 2020-09-24); the fourth, which was merged, kept
/// the sentence and lost the hunk.
class membarrier_rq_state : public kernel::Membarrier
{
public:
	void switch_mm(kernel::rq &rq, kernel::mm_ref, kernel::mm_ref next) override
	{
		int state = kernel::atomic_read(next->membarrier_state);
		if (kernel::READ_ONCE(rq.membarrier_state) != state)
			kernel::WRITE_ONCE(rq.membarrier_state, state);
	}
};

/// And a kernel thread that came to use the mm it was lazy on, and leaves the CPU to a user task of
/// that mm, serialises the core: no CR3 write does. Nicholas Piggin, 2020-07-10, [RFC PATCH 4/7]
/// "x86: use exit_lazy_tlb rather than membarrier_mm_sync_core_before_usermode".
class membarrier_repaired : public membarrier_rq_state
{
public:
	void switch_mm(kernel::rq &rq, kernel::mm_ref prev, kernel::mm_ref next) override
	{
		membarrier_rq_state::switch_mm(rq, prev, next);
		if (prev == next && kernel::current_task().kthread &&
		    kernel::READ_ONCE(next->membarrier_state) & kernel::membarrier_state::sync_core)
			kernel::core_serialised();
	}

protected:
	/// "mm_users is 1, so nobody else has to be waited for": 6.12 reads it without a barrier,
	/// and may see it before a kernel thread took its reference, or after a sibling dropped its
	/// own without what that did before. Both need a machine below TSO.
	bool alone(kernel::mm_ref mm) override
	{
		smp_mb("membarrier: user accesses before mm_users");
		bool yes = membarrier_rq_state::alone(mm);
		smp_mb("membarrier: mm_users before user accesses");
		return yes;
	}
	/// A kernel thread may have taken its reference by get_task_mm(), whose increment orders
	/// nothing, and read membarrier_state before it was set.
	bool alone_to_register(kernel::mm_ref) override { return false; }
};

/// Scheme S with membarrier M.
template <class S, class M>
class with_membarrier : public S
{
	kernel::Membarrier &membarrier() override { return membarrier_; }

protected:
	M membarrier_;
};

} // namespace lazymm::schemes
