// SPDX-License-Identifier: MIT
// LAZY_MM as posted on 2022-01-08, and without its ABA; see lazymm_2022.cc. Declared here for the
// planted variants.
#pragma once

#include "core/schemes/lazymm.h"

namespace lazymm::schemes
{

class lazymm_2022 : public lazymm
{
public:
	kernel::Protocol protocol() const override { return kernel::Protocol::h3; }
	bool counts_use() const override { return false; }
	// user -> kernel, kernel -> user, finish
	void user_to_kernel(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void kernel_to_user(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void user_to_user(kernel::rq &rq, kernel::task_struct &prev,
			  kernel::task_struct &next) override;
	void finish_lazy(kernel::rq &rq, kernel::mm_ref prev_mm) override;
	// current changes its mm
	void exec_mmap(kernel::mm_ref mm) override;
	void exit_mm() override;
	void kthread_use_mm(kernel::mm_ref mm) override;
	void kthread_unuse_mm(kernel::mm_ref mm) override;
	// last user gone
	void after_exit_mmap(kernel::mm_ref mm) override;
	// CPU going down
	void sched_force_init_mm() override;
	void exit_lazy_tlb() override { unlazy_mm_irqs_off(); }
	void idle_task_exit() override {}
	void finish_cpu(unsigned cpu) override;
	// every caller of the 2.x helpers is overridden above
	void mmgrab_lazy_tlb(kernel::mm_ref) override;
	void mmdrop_lazy_tlb(kernel::mm_ref, unsigned, const kernel::Where &) override;

protected:
	void mmdrop_lazy(lazymm_rq &rq);
	virtual bool try_mm_drop_rq_ref(lazymm_rq &rq, kernel::mm_ref mm);
	void mm_unlazy_mm_count(kernel::mm_ref mm);
	void change_current_mm(kernel::mm_ref mm);
	void change_current_mm_to_kernel();
	void unlazy_mm_irqs_off();
	virtual void unlazy_core_sync(kernel::mm_ref mm);
	void membarrier_finish_switch_mm(kernel::mm_ref mm);
};

class lazymm_2022_repaired : public lazymm_2022
{
protected:
	bool try_mm_drop_rq_ref(lazymm_rq &rq, kernel::mm_ref mm) override;
};

} // namespace lazymm::schemes
