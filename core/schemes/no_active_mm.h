// SPDX-License-Identifier: MIT
// No task->active_mm; see no_active_mm.cc. Declared here for those that differ in a step.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

/// What the kernel knows of a CPU, instead of active_mm.
struct cpu_tlbstate {
	kernel::Owner owner{ "cpu_tlbstate", 0 };
	/// What the CPU was told to load last; the hardware may be behind. Written by its own.
	kernel::Shared<kernel::mm_ref> loaded_mm{ "loaded_mm", &owner };
	/// The CPU runs kernel code and has some mm loaded that it does not need. Its own.
	kernel::Plain<int> is_lazy{ "is_lazy", &owner };
};

class no_active_mm : public kernel::Scheme
{
public:
	no_active_mm();
	void reset() override;
	kernel::Protocol protocol() const override { return kernel::Protocol::h3; }
	bool counts_lazy() const override { return false; }
	bool counts_use() const override { return false; }
	// context_switch()
	void user_to_kernel(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void kernel_to_kernel(kernel::rq &rq, kernel::task_struct &prev,
			      kernel::task_struct &next) override;
	void kernel_to_user(kernel::rq &rq, kernel::task_struct &prev,
			    kernel::task_struct &next) override;
	void user_to_user(kernel::rq &rq, kernel::task_struct &prev,
			  kernel::task_struct &next) override;
	void finish_lazy(kernel::rq &, kernel::mm_ref) override { finish_unlazy(); }
	// current changes its mm
	void exec_mmap(kernel::mm_ref mm) override;
	void exit_mm() override;
	void kthread_use_mm(kernel::mm_ref mm) override;
	void kthread_unuse_mm(kernel::mm_ref mm) override;
	// a flush takes the hardware away: loaded_mm is what it has
	void lazy_flush_loads_init_mm() override { switch_mm(kernel::init_mm()); }
	// last user gone
	void after_exit_mmap(kernel::mm_ref mm) override;
	// CPU going down, and coming up
	void sched_force_init_mm() override;
	void idle_task_exit() override {}
	void finish_cpu(unsigned) override {}
	void idle_starts(unsigned) override {}
	// nobody calls them
	void mmgrab_lazy_tlb(kernel::mm_ref) override;
	void mmdrop_lazy_tlb(kernel::mm_ref, unsigned, const kernel::Where &) override;

protected:
	cpu_tlbstate &tlbstate(unsigned cpu) { return tlbstate_[cpu]; }
	cpu_tlbstate &this_tlbstate() { return tlbstate_[kernel::smp_processor_id()]; }
	// Interrupts off.
	void switch_mm(kernel::mm_ref next);
	void become_lazy();
	/// Tells the hardware; `same`: it has been told so before.
	virtual void write_cr3(kernel::mm_ref next, bool same);
	/// The CPU has become lazy on what it has loaded.
	virtual void became_lazy() {}
	/// It is not lazy any more; `same`: it goes on with the mm that it was lazy on.
	virtual void left_lazy(bool /*same*/) {}
	/// Behind a change of mm, with interrupts on again, maybe on another CPU.
	virtual void finish_unlazy() {}
	/// No CPU has mm loaded afterwards. mm_users is 0.
	void arch_shoot_down_dead_mm(kernel::mm_ref mm);
	/// The CPUs that may have it loaded, preemption off.
	virtual std::uint32_t cpus_to_shoot(kernel::mm_ref mm);
	/// On such a CPU, interrupts off.
	virtual void leave_dead_mm(kernel::mm_ref mm);

private:
	void change_current_mm(kernel::mm_ref mm);
	void change_current_mm_to_kernel();

	cpu_tlbstate tlbstate_[kernel::kMaxCpus];
};

} // namespace lazymm::schemes
