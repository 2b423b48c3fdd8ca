// SPDX-License-Identifier: MIT
// powerpc 64s, radix; see arch_powerpc.cc.
#pragma once

#include "core/kernel/arch_broadcast.h"

namespace lazymm::kernel
{

class ArchPowerpc : public ArchBroadcast
{
public:
	void switch_mm_irqs_off(mm_ref prev, mm_ref next) override;
	void finish_arch_post_lock_switch() override;
	void flush_tlb_mm(mm_ref mm) override;
	void flush_freed_tables(mm_ref mm) override;
	bool irqs_off_activate_mm() const override { return true; }
	void cpu_disable(unsigned cpu) override;

private:
	static void exit_lazy_flush_tlb(mm_ref mm);
	static void flush(mm_ref mm, bool fullmm);
};

} // namespace lazymm::kernel
