// SPDX-License-Identifier: MIT
// The plain architecture; see arch_generic.cc. Others take from it what they share.
#pragma once

#include "core/kernel/arch.h"

namespace lazymm::kernel
{

class ArchGeneric : public Arch
{
public:
	void switch_mm_irqs_off(mm_ref prev, mm_ref next) override;
	void flush_tlb_mm(mm_ref mm) override;
	/// The handler of the flush trusts active_mm.
	bool irqs_off_activate_mm() const override { return true; }

protected:
	/// Runs `flush` here and, by IPI, on the CPUs of mm_cpumask.
	static void flush_by_ipi(mm_ref mm, void (*flush)(mm_ref));
};

} // namespace lazymm::kernel
