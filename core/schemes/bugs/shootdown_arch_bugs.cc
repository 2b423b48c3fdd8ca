// SPDX-License-Identifier: MIT
// shootdown on architectures that it was not made for: each breaks one of the things that it leans
// on (shootdown.cc).
#include "core/kernel/membarrier.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"
#include "core/schemes/shootdown.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

using shootdown_mb = with_membarrier<shootdown, membarrier_repaired>;

/// Up to 6.13, H1: __cpu_disable() takes the CPU out of every mm_cpumask, and it is lazy until
/// idle_task_exit(). Who frees the mm in between does not shoot at it.
class hotplug_mask_cleared_early : public shootdown_mb
{
	ArchKind arch() const override { return ArchKind::powerpc; }
	Protocol protocol() const override { return Protocol::h1; }
};
REGISTER_BUG({ .id = "sd-hotplug-mask-cleared-early",
	       .scheme = "shootdown",
	       .oracle = "stale-active-mm",
	       .provenance = "21641bd9a7a7 (6.14): hotplug exit race with MMU_LAZY_TLB_SHOOTDOWN",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<hotplug_mask_cleared_early>,
	       .ops = "hotplug" });

/// As merged: the handler calls switch_mm() alone. Where the hardware follows in
/// finish_arch_post_lock_switch(), it never does.
class handler_missing_post_lock_switch : public shootdown_mb
{
	ArchKind arch() const override { return ArchKind::deferred; }
};
REGISTER_BUG(
	{ .id = "sd-handler-missing-post-lock-switch",
	  .scheme = "shootdown",
	  .oracle = "page-table",
	  .provenance = "Nicholas Piggin, 2023-05, lazy tlb: consolidate lazy tlb mm switching",
	  .memory = "sc",
	  .where = LAZYMM_HERE,
	  .make = make<handler_missing_post_lock_switch> });

/// As merged, on x86: a flush takes a lazy CPU to init_mm and out of mm_cpumask, and leaves
/// current->active_mm. Nobody shoots at it.
class mask_cleared_by_lazy_flush : public shootdown_mb
{
	ArchKind arch() const override { return ArchKind::x86; }
};
REGISTER_BUG({ .id = "sd-mask-cleared-by-lazy-flush-x86",
	       .scheme = "shootdown",
	       .oracle = "stale-active-mm",
	       .provenance = "Andy Lutomirski, 2022-01-10 and [PATCH 20/23] 5e80aa6deb3f",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<mask_cleared_by_lazy_flush> });

/// 6.12's shortcut of membarrier_switch_mm(), "the same mm as before", for what it alone adds here:
/// prev->active_mm is the address of an mm that is gone, and next->mm a new one at that address.
/// The other gaps of the shortcut (membarrier_repaired.h) are closed.
class membarrier_aba : public membarrier_repaired
{
	void switch_mm(rq &rq, mm_ref prev, mm_ref next) override
	{
		if (prev == next && prev.generation() != next.generation())
			return;
		membarrier_repaired::switch_mm(rq, prev, next);
	}
};

/// The same, and the new process runs on with what rq->membarrier_state was for the old one.
class stale_active_aba : public with_membarrier<shootdown, membarrier_aba>
{
	ArchKind arch() const override { return ArchKind::x86; }
};
REGISTER_BUG({ .id = "sd-stale-active-aba-membarrier",
	       .scheme = "shootdown",
	       .oracle = "membarrier-fence",
	       .provenance = "derived: 6.12's membarrier_switch_mm() compares addresses of mms",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<stale_active_aba>,
	       .ops = "membarrier" });

} // namespace
} // namespace lazymm::schemes
