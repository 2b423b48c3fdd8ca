// SPDX-License-Identifier: MIT
// The hardware follows late; see arch_deferred.cc.
#pragma once

#include "core/kernel/arch_generic.h"

namespace lazymm::kernel
{

class ArchDeferred : public ArchGeneric
{
public:
	void reset(Kernel &) override;
	void switch_mm_irqs_off(mm_ref prev, mm_ref next) override;
	void finish_arch_post_lock_switch() override;
	void flush_tlb_mm(mm_ref mm) override;

private:
	/// What finish_arch_post_lock_switch() has to load. This CPU only.
	mm_ref pending_[kMaxCpus];
};

} // namespace lazymm::kernel
