// SPDX-License-Identifier: MIT
// Flushes by hardware; see arch_broadcast.cc.
#pragma once

#include "core/kernel/arch_generic.h"

namespace lazymm::kernel
{

class ArchBroadcast : public ArchGeneric
{
public:
	void flush_tlb_mm(mm_ref mm) override;
	void flush_freed_tables(mm_ref mm) override;
	bool irqs_off_activate_mm() const override { return false; }
	bool flushes_by_ipi() const override { return false; }
	bool speculates() const override { return true; }
	bool walks_are_coherent() const override { return true; }

protected:
	/// All CPUs' translations of mm, and their ways to its tables, are gone behind it.
	static void tlbi(mm_ref mm);
};

} // namespace lazymm::kernel
