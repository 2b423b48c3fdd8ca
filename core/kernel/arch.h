// SPDX-License-Identifier: MIT
// What an architecture does where mms are switched and TLBs are flushed: arch/*/mm. It is a setting
// of the schedule, under any scheme; each file arch_NAME.cc has one idea. What it leans on, and all
// of them share, is the hardware: page tables that are walked whenever it likes, a TLB (mmu.cc).
//
// Ordering (O8), of each: who unmaps clears the pte, then looks which CPUs to flush; who switches
// says that it is to be flushed, then lets the hardware walk. Both sides need a full barrier
// between the two, or each may miss the other.
#pragma once

#include "core/kernel/types.h"

namespace lazymm::kernel
{

class Kernel;

enum class ArchKind : std::uint8_t {
	generic,   ///< switches at once, flushes by IPI, a CPU stays in mm_cpumask
	x86,	   ///< cpu_tlbstate: lazy CPUs are left alone, and told by tlb_gen
	deferred,  ///< the hardware follows in finish_arch_post_lock_switch()
	broadcast, ///< TLBs are flushed by hardware, no code runs on the other CPUs
	powerpc,   ///< broadcast; a CPU that goes down leaves every mm_cpumask at once
};
inline constexpr unsigned kArchKinds = 5;

class Arch
{
public:
	virtual ~Arch() = default;

	/// At boot, behind everything else: what it keeps per CPU.
	virtual void reset(Kernel &) {}

	/// Hardware and mm_cpumask; interrupts off.
	virtual void switch_mm_irqs_off(mm_ref prev, mm_ref next) = 0;
	/// Current has no mm any more, or never had one; this CPU goes on with the page tables that
	/// it has. Interrupts off.
	virtual void enter_lazy_tlb(mm_ref, task_struct &) {}
	/// Behind a switch, interrupts on, preemption off: in finish_task_switch() with the rq lock
	/// released, in kthread_use_mm(), where a CPU goes down.
	virtual void finish_arch_post_lock_switch() {}
	/// exec_mmap() has interrupts off across activate_mm(): ARCH_WANT_IRQS_OFF_ACTIVATE_MM.
	virtual bool irqs_off_activate_mm() const { return false; }

	/// The pte gives up its page for `fresh`.
	virtual std::uint32_t ptep_get_and_clear(mm_ref mm, std::uint32_t fresh);
	/// What was unmapped before may be freed behind it. Preemption off.
	virtual void flush_tlb_mm(mm_ref mm) = 0;
	/// In exit_mmap(), by whoever was the last user: page tables may be freed behind it.
	virtual void flush_freed_tables(mm_ref) {}

	/// A flush runs code on the CPUs that it reaches.
	virtual bool flushes_by_ipi() const { return true; }
	/// A CPU that is lazy on an mm may walk its user page tables all the same, if it remembers
	/// the way (paging-structure caches).
	virtual bool speculates() const { return false; }
	/// When a walk reads a pte, nobody else's flush is complete that it does not know of: where
	/// flushes do without the CPU's own barriers.
	virtual bool walks_are_coherent() const { return false; }

	/// __cpu_disable(), on the CPU that goes down, in stop_machine().
	virtual void cpu_disable(unsigned) {}
	/// A CPU comes up: with an empty TLB, since flushes passed it by while it was down.
	virtual void cpu_starting(unsigned cpu);

	// --- the hardware: mmu.cc ---
	/// Writes the register: from here on `mm`'s tables are walked. A full barrier and a core
	/// serialising instruction.
	static void load_pgd(mm_ref mm);
	/// The same where the register orders nothing.
	static void load_pgd_relaxed(mm_ref mm);
	/// The CPU's translations of mm, and its way to them, go away.
	static void drop_context(rq &rq, mm_ref mm);
	/// A translation of mm may be cached here since it got its context.
	static bool has_context(const rq &rq, mm_ref mm)
	{
		return rq.tlb_generation[mm.slot()] == mm.generation();
	}
	static bool is_loaded(mm_ref mm);
	/// Sets this CPU's bit / clears that CPU's.
	static void set_mm_cpumask(mm_ref mm, const machine::Site &site);
	static void clear_mm_cpumask(mm_ref mm, unsigned cpu, const machine::Site &site);
};

/// Makes one of each.
class Arches
{
public:
	Arches();
	~Arches();
	Arch &operator[](ArchKind kind) const { return *all_[static_cast<unsigned>(kind)]; }

private:
	Arch *all_[kArchKinds];
};

} // namespace lazymm::kernel
