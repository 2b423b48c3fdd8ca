// SPDX-License-Identifier: MIT
// refcount on PREEMPT_RT; see refcount_rt.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/refcount.h"

namespace lazymm::schemes
{

class refcount_rt : public refcount
{
public:
	void mmdrop_lazy_tlb_sched(kernel::mm_ref mm, unsigned cpu,
				   const kernel::Where &where = kernel::Where::current()) override;
};

} // namespace lazymm::schemes
