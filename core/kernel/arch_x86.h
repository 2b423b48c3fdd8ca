// SPDX-License-Identifier: MIT
// x86's architecture; see arch_x86.cc. Declared here for planted variants.
#pragma once

#include "core/kernel/arch.h"

namespace lazymm::kernel
{

/// cpu_tlbstate and cpu_tlbstate_shared.
struct tlb_state {
	Owner owner{ "cpu_tlbstate", 0 };
	/// What CR3 has, or LOADED_MM_SWITCHING: nobody but this CPU writes it.
	Shared<mm_ref> loaded_mm{ "loaded_mm", &owner };
	Shared<int> is_lazy{ "is_lazy", &owner };
	/// ctxs[].tlb_gen: which tlb_gen this CPU has caught up with, by mm slot. This CPU only.
	std::uint32_t tlb_gen[kMms] = {};
};

struct flush_tlb_info {
	mm_ref mm;
	std::uint32_t new_tlb_gen = 0;
	unsigned initiating_cpu = 0;
};

class ArchX86 : public Arch
{
public:
	ArchX86();
	void reset(Kernel &kernel) override;
	void switch_mm_irqs_off(mm_ref prev, mm_ref next) override;
	void enter_lazy_tlb(mm_ref mm, task_struct &task) override;
	void flush_tlb_mm(mm_ref mm) override;
	void flush_freed_tables(mm_ref mm) override;
	bool speculates() const override { return true; }
	void cpu_starting(unsigned cpu) override;

protected:
	/// LOADED_MM_SWITCHING
	static constexpr mm_ref switching{ kMms, 0, 0 };
	/// "Stop remote flushes for the previous mm", start receiving those for the next one: a
	/// full barrier before tlb_gen is read.
	virtual void change_mm_cpumask(mm_ref prev, mm_ref next);
	/// A flush finds an mm that is not loaded here.
	virtual void flush_passes_by(mm_ref) {}
	/// tlb_gen after this flush; a full barrier behind the pte.
	virtual std::uint32_t inc_mm_tlb_gen(mm_ref mm);
	/// Whether that CPU has to hear of a flush that freed no tables.
	virtual bool should_flush_tlb(unsigned cpu, mm_ref mm);

	tlb_state &cpu_tlbstate(unsigned cpu) { return states_[cpu]; }
	tlb_state &this_tlbstate();

private:
	static void flush_ipi(void *info);
	void flush(mm_ref mm, bool freed_tables);
	void flush_tlb_func(const flush_tlb_info &info);

	tlb_state states_[kMaxCpus];
};

} // namespace lazymm::kernel
