// SPDX-License-Identifier: MIT
// rcu-lazy: nobody counts lazy use. An mm is freed behind a grace period, because whoever uses it
// lazily stops at the next context switch, and a grace period has one on every CPU.
//
// From: Matthew Wilcox, 2020-12-03, an idea in answer to lazymm-tag, refuted by Rik van Riel:
// mostly it is idle that uses an mm lazily, and to RCU an idle CPU is quiescent. The grace period
// ends while the idle CPU has the mm loaded.
// Nobody wrote it; here it is 6.4's skeleton with helpers that do not count, and __mmdrop() by
// queue_rcu_work() (a callback runs in a softirq, where __mmdrop() must not).
//
// Per CPU: nothing. The barrier that membarrier needs (E) is smp_mb() in mmdrop_lazy_tlb().
//
// Broken, and not by idle alone: a switch between kernel tasks is a quiescent state that hands the
// mm on, and a kernel thread that can be preempted is quiescent to this RCU without a switch.
#include "core/kernel/kernel.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

class rcu_lazy : public Scheme
{
public:
	bool counts_lazy() const override { return false; }
	void mmgrab_lazy_tlb(mm_ref) override {}
	void mmdrop_lazy_tlb(mm_ref, unsigned, const Where &) override
	{
		smp_mb("mmdrop_lazy_tlb: (E) a full barrier for membarrier, and no more");
	}
	void mmdrop(mm_ref mm, Holder holder, int id, const Where &where) override
	{
		if (!mmdrop_and_test(mm, holder, id, where))
			return;
		freed_[mm.slot()] = mm;
		call_rcu(grace_period_over, &freed_[mm.slot()], "rcu-lazy: nobody uses it lazily");
	}

private:
	static void grace_period_over(void *arg)
	{
		schedule_work([](std::uint64_t mm) { __mmdrop(Shared<mm_ref>::from_word(mm)); },
			      Shared<mm_ref>::to_word(*static_cast<mm_ref *>(arg)));
	}

	mm_ref freed_[kMms]; ///< mm->delayed_drop, which outlives the wait
};

} // namespace

/// The scheme itself.
REGISTER_BUG({ .id = "rcu-lazy-idle",
	       .scheme = "rcu-lazy",
	       .oracle = "page-table",
	       .provenance = "Rik van Riel, 2020-12-03, to Matthew Wilcox: RCU ignores idle",
	       .memory = "sc",
	       .where = LAZYMM_HERE,
	       .make = make<with_membarrier<rcu_lazy, membarrier_repaired>> });

REGISTER_SCHEME({
	.name = "rcu-lazy",
	.from = "Matthew Wilcox, 2020-12-03 (idea); Rik van Riel, 2020-12-03: RCU ignores idle",
	.summary = "the mm is freed behind a grace period, in which idle CPUs do not count",
	.expect = Expect::broken,
	.make = make<with_membarrier<rcu_lazy, membarrier_repaired>>,
	.witness = "LMM1:rcu-lazy:YCw",
});

} // namespace lazymm::schemes
