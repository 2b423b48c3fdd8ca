// SPDX-License-Identifier: MIT
// No lazy mm at all; see no_lazy.cc. Declared here for differential tests.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

/// As posted in 2021.
class no_lazy_2021 : public kernel::Scheme
{
public:
	void user_to_kernel(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void kernel_to_kernel(kernel::rq &rq, kernel::task_struct &prev,
			      kernel::task_struct &next) override;
	void kernel_to_user(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void mmgrab_lazy_tlb(kernel::mm_ref mm) override;
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu,
			     const kernel::Where &where = kernel::Where::current()) override;
	bool counts_lazy() const override { return false; }
};

/// And the two who lose their mm without a switch leave its page tables as well.
class no_lazy : public no_lazy_2021
{
public:
	void exit_mm() override;
	void kthread_unuse_mm(kernel::mm_ref mm) override;

private:
	void leave_mm();
};

} // namespace lazymm::schemes
