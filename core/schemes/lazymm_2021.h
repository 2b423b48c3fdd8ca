// SPDX-License-Identifier: MIT
// LAZY_MM as posted on 2021-06-16; see lazymm_2021.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/lazymm.h"

namespace lazymm::schemes
{

class lazymm_2021 : public lazymm
{
public:
	// user -> kernel, kernel -> user, finish
	void user_to_kernel(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void kernel_to_user(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void finish_lazy(kernel::rq &rq, kernel::mm_ref prev_mm) override;
	// last user gone
	void after_exit_mmap(kernel::mm_ref mm) override;
	// not converted by the patch: 5.13's
	void kthread_use_mm(kernel::mm_ref mm) override;
	void kthread_unuse_mm(kernel::mm_ref mm) override;
	void mmgrab_lazy_tlb(kernel::mm_ref mm) override;
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu,
			     const kernel::Where &where = kernel::Where::current()) override;

protected:
	void mmdrop_lazy(lazymm_rq &rq);
	void mm_unlazy_mm_count(kernel::mm_ref mm);
};

} // namespace lazymm::schemes
