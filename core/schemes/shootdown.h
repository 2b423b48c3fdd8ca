// SPDX-License-Identifier: MIT
// Lazy CPUs are shot down when the mm goes; see shootdown.cc. Declared here for shootdown-all and
// the planted variants.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

class shootdown : public kernel::Scheme
{
public:
	/// CONFIG_DEBUG_VM_SHOOT_LAZIES: looks afterwards whether the shots hit.
	explicit shootdown(bool debug_vm_shoot_lazies = false)
		: debug_vm_shoot_lazies_(debug_vm_shoot_lazies)
	{
	}

	kernel::Protocol protocol() const override { return kernel::Protocol::h3; }
	bool counts_lazy() const override { return false; }
	void mmgrab_lazy_tlb(kernel::mm_ref) override {}
	void mmdrop_lazy_tlb(kernel::mm_ref mm, unsigned cpu,
			     const kernel::Where &where = kernel::Where::current()) override;
	void cleanup_lazy_tlbs(kernel::mm_ref mm) override;

protected:
	/// The CPUs that may be lazy on an mm that nobody uses any more.
	virtual std::uint32_t lazy_cpus(kernel::mm_ref mm);
	/// Sends the shots and waits until they have hit. Preemption is off.
	virtual void shoot(std::uint32_t cpus, kernel::mm_ref mm);
	/// The handler, interrupts off.
	static void do_shoot_lazy_tlb(void *mm);

private:
	static void do_check_lazy_tlb(void *mm);

	const bool debug_vm_shoot_lazies_;
};

} // namespace lazymm::schemes
