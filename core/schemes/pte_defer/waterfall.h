// SPDX-License-Identifier: MIT
// See waterfall.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/pte_defer/pte_defer.h"

namespace lazymm::schemes
{

/// Per CPU. A fragment is a bit: page * 2 + half.
struct waterfall {
	machine::Owner owner{ "waterfall", 0 };
	kernel::spinlock lock{ "lock", &owner };
	kernel::Plain<std::uint32_t> next{ "next", &owner }; ///< being collected
	kernel::Plain<std::uint32_t> cur{ "cur", &owner };   ///< wait for the rcu_head
	kernel::Plain<std::uint32_t> free{ "free", &owner }; ///< their grace period is over
	bool queued = false; ///< bookkeeping: CONFIG_DEBUG_OBJECTS_RCU_HEAD
};

class pte_defer_waterfall : public pte_defer
{
public:
	void reset() override;
	kernel::fragment page_table_alloc(kernel::mm_ref mm) override;
	void page_table_free(kernel::mm_ref mm, kernel::fragment table) override;
	void pte_free_defer(kernel::mm_ref mm, kernel::fragment table) override;
	void finish_cpu(unsigned cpu) override;

protected:
	/// A fragment comes in. Under the lock.
	virtual void collect(waterfall &w, std::uint32_t fragments);
	/// The rcu_head has fired, or nothing was in flight: what was collected goes next.
	void turn(waterfall &w);
	void queue(waterfall &w);

private:
	static void rcu_done(void *arg);
	/// Fragments that anybody may have; both halves of a page go back to the allocator.
	static void give(waterfall &w, std::uint32_t fragments);
	waterfall &mine() { return per_cpu_[kernel::smp_processor_id()]; }

	waterfall per_cpu_[kernel::kMaxCpus];
};

} // namespace lazymm::schemes
