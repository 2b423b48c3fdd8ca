// SPDX-License-Identifier: MIT
// The last mmput's TLB flush ends lazy use; see mmput_shoot.cc. Declared here for the planted
// variants.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

class mmput_shoot : public kernel::Scheme
{
public:
	kernel::Protocol protocol() const override { return kernel::Protocol::h3; }
	bool counts_lazy() const override { return false; }
	void kernel_to_user(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void lazy_flush_loads_init_mm() override;
	void before_exit_mmap(kernel::mm_ref mm) override;
	void mmgrab_lazy_tlb(kernel::mm_ref mm) override;
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu,
			     const kernel::Where &where = kernel::Where::current()) override;

protected:
	/// The last one: `mask` has the CPUs that have used the mm, preemption is off.
	virtual void flush_tlb_mm(kernel::mm_ref mm, std::uint32_t mask);
	/// On a CPU that is told to, interrupts off: it may have the mm loaded, and is lazy then.
	static void flush_tlb_func(kernel::mm_ref mm);
};

} // namespace lazymm::schemes
