// SPDX-License-Identifier: MIT
// Planted bugs of the s390 family: page tables whose free is deferred, and the mm behind them. Each
// variant overrides one step of a scheme that is sound without it; its provenance stands beside it.
#include "core/schemes/pte_defer/global_lock.h"
#include "core/schemes/pte_defer/rcu_barrier.h"
#include "core/schemes/pte_defer/typesafe.h"
#include "core/schemes/pte_defer/waterfall.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

// --- the mm's lifetime ---

/// The mm is freed by call_rcu(), queued behind the callbacks of its tables; see call_rcu.cc.
class rcu_callback_unordered : public pte_defer_rcu_barrier_twice
{
	void free_mm(mm_ref mm) override { free_mm_rcu(mm); }
};
REGISTER_BUG({ .id = "s3-rcu-callback-unordered",
	       .scheme = "pte-defer-rcu-barrier-twice",
	       .oracle = "use-after-free",
	       .provenance = "Jason Gunthorpe, 2023-06-15: \"RCU callbacks are not ordered\"",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<rcu_callback_unordered> });

/// A grace period instead of the callbacks; see synchronize_rcu.cc.
class sync_rcu_is_not_rcu_barrier : public pte_defer_rcu_barrier_twice
{
	void wait_and_free(mm_ref mm) override
	{
		synchronize_rcu();
		kernel::kernel().free_mm(mm);
	}
};
REGISTER_BUG(
	{ .id = "s3-sync-rcu-is-not-rcu-barrier",
	  .scheme = "pte-defer-rcu-barrier-twice",
	  .oracle = "use-after-free",
	  .provenance = "derived from rcubarrier.rst; \"synchronize_rcu would do the job since "
			"it is ordered\" (2023-06-15)",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<sync_rcu_is_not_rcu_barrier> });

/// The rcu_barrier() of before 5.18, which takes cpus_read_lock(): finish_cpu() drops the last
/// reference under cpus_write_lock.
class rcu_barrier_under_cpus_write : public pte_defer_rcu_barrier_twice
{
	void wait_and_free(mm_ref mm) override
	{
		rcu_barrier();
		rcu_barrier();
		kernel::kernel().free_mm(mm);
	}
};
REGISTER_BUG({ .id = "s3-rcu-barrier-under-cpus-write",
	       .scheme = "pte-defer-rcu-barrier-twice",
	       .oracle = "progress",
	       .provenance = "derived from Pavan Kondeti, 2022-07-27: __mmdrop <- finish_cpu -> "
			     "cpus_read_lock (not since 80b3fd474c91)",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<rcu_barrier_under_cpus_write>,
	       .ops = "tables,hotplug" });

// --- one rcu_head for two halves, and for lru ---

/// No bits for a half that waits: the rcu_head is queued while it is.
class shared_rcu_head : public pte_defer_global_lock
{
	bool takes_turns() const override { return false; }
};
REGISTER_BUG({ .id = "s3-shared-rcu-head",
	       .scheme = "pte-defer-global-lock",
	       .oracle = "kernel-bug",
	       .provenance = "[PATCH v2 07/12] a722dbec-bd9e-1213-1edd-53cd547aa4f on v1",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<shared_rcu_head> });

/// The page stays on the list while its rcu_head, which is the same words, is queued.
class lru_overlays_rcu_head : public pte_defer_global_lock
{
	void unlink(ptdesc &) override {}
};
REGISTER_BUG({ .id = "s3-lru-overlays-rcu-head",
	       .scheme = "pte-defer-global-lock",
	       .oracle = "kernel-bug",
	       .provenance = "[PATCH v2 07/12] a722dbec-bd9e-1213-1edd-53cd547aa4f on v1",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<lru_overlays_rcu_head> });

/// mm->context.lock instead of the global one: the other half is allocated, so pt_mm is there, but
/// maybe not an instant later.
class pt_mm_lock_after_free : public pte_halves
{
	void pte_free_now(ptdesc &page, unsigned half) override
	{
		if (bits(page) & kAllocated << (half ^ 1))
			pte_halves::pte_free_now(page, half);
		else
			half_done(page, half);
	}
};
REGISTER_BUG({ .id = "s3-pt-mm-lock-after-free",
	       .scheme = "pte-defer-global-lock",
	       .oracle = "use-after-free",
	       .provenance = "[PATCH v2 07/12] a722dbec-bd9e-1213-1edd-53cd547aa4f: why the lock "
			     "is global",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<pt_mm_lock_after_free> });

// --- SLAB_TYPESAFE_BY_RCU ---

/// Each new mm initialises its lock, which a tail of use from the one before may hold.
class typesafe_lock_reinit : public pte_defer_typesafe
{
	void init_new_context(mm_ref mm) override { pte_halves::init_new_context(mm); }
};
REGISTER_BUG({ .id = "s3-typesafe-lock-reinit",
	       .scheme = "pte-defer-typesafe",
	       .oracle = "kernel-bug",
	       .provenance = "Hugh Dickins, 2023-06-15: \"you cannot reinitialize the structure\"",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<typesafe_lock_reinit> });

/// Nobody looks again under the lock, which may be another mm's by now, and so may the list.
class typesafe_no_revalidate : public pte_defer_typesafe
{
	void pte_free_now(ptdesc &page, unsigned half) override
	{
		if (!(bits(page) & kAllocated << (half ^ 1)))
			return half_done(page, half);
		mm_struct &mm = kernel::kernel().typesafe(READ_ONCE(page.pt_mm));
		spin_lock_bh(mm.context.lock);
		pte_tables::end(page, half);
		change(page, kPending << half, 0);
		mm.context.add(page);
		spin_unlock_bh(mm.context.lock);
	}
};
REGISTER_BUG({ .id = "s3-typesafe-no-revalidate",
	       .scheme = "pte-defer-typesafe",
	       .oracle = "kernel-bug",
	       .provenance = "plausible: the rule in slab.h's comment on SLAB_TYPESAFE_BY_RCU",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<typesafe_no_revalidate> });

// --- the waterfall ---

/// What is freed while CUR waits joins it, and waits for less than a grace period.
class waterfall_late_splice : public pte_defer_waterfall
{
	void collect(waterfall &w, std::uint32_t fragments) override
	{
		if (std::uint32_t cur = w.cur.load())
			w.cur.store(cur | fragments);
		else
			pte_defer_waterfall::collect(w, fragments);
	}
};
REGISTER_BUG({ .id = "s3-waterfall-late-splice",
	       .scheme = "pte-defer-waterfall",
	       .oracle = "page-table",
	       .provenance = "plausible: mutation of Jason Gunthorpe's sketch, 2023-06-15",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<waterfall_late_splice> });

/// A CPU that frees sees CUR and queues the rcu_head, which is queued because of it.
class waterfall_requeue_head : public pte_defer_waterfall
{
	void collect(waterfall &w, std::uint32_t fragments) override
	{
		w.next.store(w.next.load() | fragments);
		if (w.cur.load())
			queue(w);
		else
			turn(w);
	}
};
REGISTER_BUG({ .id = "s3-waterfall-requeue-head",
	       .scheme = "pte-defer-waterfall",
	       .oracle = "kernel-bug",
	       .provenance = "plausible: mutation of Jason Gunthorpe's sketch, 2023-06-15",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<waterfall_requeue_head> });

} // namespace
} // namespace lazymm::schemes
