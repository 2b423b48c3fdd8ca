// SPDX-License-Identifier: MIT
// no-active-mm in Xen's order; see free_immediately.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/no_active_mm.h"

namespace lazymm::schemes
{

/// What a vCPU keeps besides cpu_tlbstate.
struct xen_vcpu {
	kernel::Owner owner{ "vcpu", 0 };
	/// What the hypervisor has done last.
	kernel::Shared<kernel::mm_ref> current_cr3{ "xen_current_cr3", &owner };

	// This CPU only, interrupts off:
	bool lazy_cpu = false;	 ///< XEN_LAZY_CPU: hypercalls wait for the end of the switch
	bool cr3_queued = false; ///< the batch has a write of loaded_mm to CR3
};

class free_immediately : public no_active_mm
{
public:
	free_immediately();
	void reset() override;
	bool leaves_before_exit_mmap() const override { return true; }
	// context_switch()
	void kernel_to_user(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void user_to_user(kernel::rq &rq, kernel::task_struct &prev,
			  kernel::task_struct &next) override;
	kernel::mm_ref take_prev_mm(kernel::rq &rq) override;
	// last user gone
	void before_exit_mmap(kernel::mm_ref mm) override;
	void after_exit_mmap(kernel::mm_ref) override {}

protected:
	xen_vcpu &this_vcpu() { return vcpus_[kernel::smp_processor_id()]; }
	void write_cr3(kernel::mm_ref next, bool same) override;
	/// Another CPU may have mm loaded.
	virtual bool refers_to(unsigned cpu, kernel::mm_ref mm);

private:
	void xen_mc_flush();
	void drop_mm_ref_this_cpu(kernel::mm_ref mm);

	xen_vcpu vcpus_[kernel::kMaxCpus];
};

} // namespace lazymm::schemes
