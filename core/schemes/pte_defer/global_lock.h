// SPDX-License-Identifier: MIT
// See global_lock.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/pte_defer/pte_defer.h"

namespace lazymm::schemes
{

class pte_defer_global_lock : public pte_halves
{
public:
	void reset() override { kernel::spin_lock_init(lock_); }

protected:
	kernel::spinlock &lock(kernel::mm_ref, kernel::ptdesc *) override { return lock_; }

private:
	kernel::spinlock lock_{ "mm_pgtable_list_lock", nullptr };
};

} // namespace lazymm::schemes
