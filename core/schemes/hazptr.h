// SPDX-License-Identifier: MIT
// Lazy mms under hazard pointers, as posted; see hazptr.cc. Declared here for what repairs it.
#pragma once

#include "core/kernel/kernel.h"
#include "core/schemes/hazptr_domain.h"

namespace lazymm::schemes
{

class hazptr : public kernel::Scheme
{
public:
	void reset() override { sched_lazy_mm_.reset(); }
	bool counts_lazy() const override { return false; }
	void mmgrab_lazy_tlb(kernel::mm_ref mm) override;
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu,
			     const kernel::Where &where = kernel::Where::current()) override;
	void exit_mm() override;
	void cleanup_lazy_tlbs(kernel::mm_ref mm) override;

protected:
	/// The callback of the scan: the CPU's slot has mm.
	virtual void remove_lazy_mm_hp(unsigned cpu, kernel::mm_ref mm);
	/// The CPU that calls leaves mm if it is lazy on it. Interrupts off.
	virtual void do_shoot_lazy_tlb(kernel::mm_ref mm);

	hazptr_domain sched_lazy_mm_; ///< hazptr_domain_sched_lazy_mm
};

} // namespace lazymm::schemes
