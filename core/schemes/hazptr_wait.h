// SPDX-License-Identifier: MIT
// Hazard pointers whose scan waits; see hazptr_wait.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/hazptr_repaired.h"

namespace lazymm::schemes
{

class hazptr_wait : public hazptr_repaired
{
public:
	void cleanup_lazy_tlbs(kernel::mm_ref mm) override;

protected:
	/// Makes this CPU leave mm. Interrupts off.
	void leave(kernel::mm_ref mm);
	void remove_lazy_mm_hp(unsigned cpu, kernel::mm_ref mm) override;

private:
	void kick(unsigned cpu, kernel::mm_ref mm);
};

} // namespace lazymm::schemes
