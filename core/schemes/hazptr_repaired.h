// SPDX-License-Identifier: MIT
// Hazard pointers, repaired; see hazptr_repaired.cc. Declared here for hazptr-wait and the planted
// variants.
#pragma once

#include "core/schemes/hazptr.h"

namespace lazymm::schemes
{

class hazptr_repaired : public hazptr
{
public:
	kernel::Protocol protocol() const override { return kernel::Protocol::h3; }
	void exec_mmap(kernel::mm_ref mm) override;
	void kthread_use_mm(kernel::mm_ref mm) override;
	void exit_lazy_tlb() override;
	void sched_force_init_mm() override;
	void finish_cpu(unsigned cpu) override;

protected:
	void do_shoot_lazy_tlb(kernel::mm_ref mm) override;
	void remove_lazy_mm_hp(unsigned cpu, kernel::mm_ref mm) override;
};

} // namespace lazymm::schemes
