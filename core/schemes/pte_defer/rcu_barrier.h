// SPDX-License-Identifier: MIT
// See rcu_barrier.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/pte_defer/sleeping_free.h"

namespace lazymm::schemes
{

class pte_defer_rcu_barrier_twice : public pte_sleeping_free
{
protected:
	void wait_and_free(kernel::mm_ref mm) override;
};

} // namespace lazymm::schemes
