// SPDX-License-Identifier: MIT
// Linux's own scheme; see refcount.cc. Declared here for the planted variants.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

class refcount : public kernel::Scheme
{
public:
	void mmgrab_lazy_tlb(kernel::mm_ref mm) override;
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu,
			     const kernel::Where &where = kernel::Where::current()) override;
};

} // namespace lazymm::schemes
