// SPDX-License-Identifier: MIT
// The tiny kernel: all of it, and the functions that operations and schemes call. One Kernel runs
// on one Machine; functions of the kernel find it through the CPU they run on.
#pragma once

#include <cstdint>

#include "core/kernel/arch.h"
#include "core/kernel/events.h"
#include "core/kernel/pte_table.h"
#include "core/kernel/rcu.h"
#include "core/kernel/recent.h"
#include "core/kernel/scheme.h"
#include "core/kernel/types.h"
#include "core/kernel/workqueue.h"

namespace lazymm::kernel
{

using machine::Machine;
using machine::this_cpu;
using machine::this_machine;

enum class MmMemory : std::uint8_t { pool, heap };

/// What runs on top: carries out the scripts.
class Driver
{
public:
	virtual ~Driver() = default;
	/// The life of a task's stack after schedule_tail(). Does not return.
	virtual void run_task(task_struct &task) = 0;
	/// A reschedule from an interrupt: act on this CPU's next `switch` early, if there is one.
	virtual void preempted() = 0;
};

struct KernelConfig {
	unsigned cpus = 2;
	Protocol protocol = Protocol::h1;
	ArchKind arch = ArchKind::generic;
	MmMemory memory = MmMemory::pool;
	bool mm_cid = false; ///< CONFIG_SCHED_MM_CID
	Scheme *scheme = nullptr;
	Driver *driver = nullptr;
};

/// State of a CPU in hot-unplug (kernel/cpu.c, struct cpuhp_cpu_state). Written by one side,
/// awaited by the other.
struct hotplug_state {
	Owner owner{ "cpu", 0 };
	Shared<int> active{ "active", &owner };
	Shared<int> online{ "online", &owner };
	Shared<int> ap_done{ "ap_done", &owner }; ///< the hotplug thread ran its teardown states
	Shared<int> dead{ "dead", &owner };	  ///< CPUHP_AP_IDLE_DEAD
	Shared<int> bring_up{ "bring_up", &owner };
	bool wanted_down = false;  ///< bookkeeping: cpuhp/N has work
	bool stop_pending = false; ///< the stopper has work
};

class Kernel
{
public:
	explicit Kernel(Machine &machine);
	~Kernel();
	Kernel(const Kernel &) = delete;
	Kernel &operator=(const Kernel &) = delete;

	/// Boots: A (with mm1) runs on cpu0, idle tasks everywhere else. Resets what the last run
	/// used.
	void boot(const KernelConfig &config);
	/// Runs the machine until every script has ended.
	machine::Outcome run();

	/// At most kMaxWatchers; `mask`: bit i = EventKind i.
	void watch(Watcher *watcher, std::uint64_t mask);
	void unwatch_all();
	/// Tells watchers and the trace.
	void emit(KernelEvent event, const Where &where = Where::current());

	rq &cpu_rq(unsigned cpu) { return rqs_[cpu]; }
	task_struct &task(unsigned slot) { return tasks_[slot]; }
	task_ref ref(const task_struct &task) const
	{
		return { task.slot, task.generation, task.slot };
	}
	mm_struct &mm(unsigned slot) { return *mms_[slot]; }
	/// An mm lives there; if not, its memory may be poisoned or gone.
	bool mm_allocated(unsigned slot) const { return generations_[slot] & 1; }
	mm_ref ref(const mm_struct &mm, unsigned slot) const
	{
		return { slot, mm.generation, static_cast<unsigned>(mm.owner.number) };
	}
	mm_ref init_mm() const { return init_mm_; }
	Scheme &scheme() { return *config_.scheme; }
	Arch &arch() { return *arch_; }
	const KernelConfig &config() const { return config_; }
	Machine &machine() { return machine_; }

	/// The mm_struct of a SLAB_TYPESAFE_BY_RCU cache that a reader has found: it may be another
	/// one's by now, or nobody's; only its lock is what it was. A use after free if the slab
	/// page may have gone, too.
	mm_struct &typesafe(mm_ref mm);

	mm_ref alloc_mm(); ///< empty if all kMms are in use
	void free_mm(mm_ref mm);
	task_struct *alloc_task(unsigned slot, const char *comm, bool kthread, int bound_to);
	void free_task(task_struct &task);
	/// Where a task's stack begins.
	void (*entry())(void *) { return &Kernel::task_entry; }
	/// Whether the task may run on `cpu`. A per-CPU kernel thread's affinity is broken while
	/// its CPU is not active (select_fallback_rq()); an idle task's and cpuhp's never.
	bool affine(const task_struct &task, unsigned cpu) const;
	/// A task that is half done and that `cpu` could run now, or nullptr.
	task_struct *unfinished_task(unsigned cpu);
	/// A task that is half done and on no CPU, or nullptr; at the end of a run it hangs.
	task_struct *hung_task();
	/// RCU callbacks or work items that an idle `cpu` could run.
	bool work_left(unsigned cpu);

	/// The CPU's TLB has a page of mm that went back to the allocator.
	bool tlb_is_stale(const rq &rq, mm_ref mm) const
	{
		return rq.tlb_generation[mm.slot()] == mm.generation() &&
		       page_freed[rq.tlb[mm.slot()]];
	}

	Shared<task_ref> pid[kUserTasks]; ///< user tasks by slot: what find_task() reads
	hotplug_state hotplug[kMaxCpus];
	percpu_rwsem cpu_hotplug_lock;
	mutex membarrier_ipi_mutex{ "membarrier_ipi_mutex", nullptr };
	spinlock pgd_lock{ "pgd_lock", nullptr };
	rcu_state rcu;
	pte_tables tables;
	workqueue wq;
	stop_machine_state stop;
	/// s and t, by variable.
	Shared<std::uint32_t> shared_vars[kUserVars - kPrivateVars]{ { "s", nullptr },
								     { "t", nullptr } };
	/// Bookkeeping: user stores and patches so far.
	std::uint32_t user_stores = 0;
	std::uint32_t patches = 0;
	/// User pages by number, from 1; bookkeeping of the page allocator.
	static constexpr unsigned kPages = 1024;
	std::uint32_t next_page = 0;
	bool page_freed[kPages] = {};

	/// Free mode: what the CPUs did last.
	Recent recent;
	/// Free mode: the calling CPU's activity is another operation.
	void operation_begins();

	/// Which kinds of events followed each other on which CPUs, hashed: a cheap picture of what
	/// a run did, for search.
	static constexpr unsigned kFeatures = 4096;
	std::uint64_t features[kFeatures / 64] = {};
	/// Operations (activities) during which the kernel had something to say.
	static constexpr unsigned kOps = 512;
	std::uint64_t busy_ops[kOps / 64] = {};

private:
	static constexpr unsigned kMaxWatchers = 16;
	void check_still_there(const machine::Location &location);
	/// Freed, and still of the type.
	bool type_stable(unsigned slot) const
	{
		return typesafe_ && !poll_state_synchronize_rcu(freed_[slot]);
	}
	void note_feature(const KernelEvent &event);
	void boot_task(task_struct &task, mm_ref mm, mm_ref active);
	static void task_entry(void *task);

	Machine &machine_;
	KernelConfig config_;
	Arches arches_;
	Arch *arch_ = nullptr;
	rq rqs_[kMaxCpus];
	task_struct tasks_[kTasks];
	mm_struct pool_[kMms];
	mm_struct *mms_[kMms];
	std::uint16_t generations_[kMms] = {}; ///< outside of the mms: those may be poisoned
	std::uint32_t numbers_[kMms] = {};     ///< of the last mm in the slot
	std::uint8_t free_mms_[kMms];
	unsigned free_mm_count_ = 0;
	int mm_numbers_ = 0;
	mm_ref init_mm_;
	bool typesafe_ = false; ///< Scheme::mm_is_typesafe()
	grace_period freed_[kMms];
	machine::Clock mm_clock_; ///< the slab's own synchronisation
	std::uint32_t last_event_ = 0;
	std::uint32_t last_on_cpu_[kMaxCpus] = {};
	Watcher *watchers_[kEventKinds][kMaxWatchers] = {};
	std::uint8_t watcher_counts_[kEventKinds] = {};
	friend class Ref<mm_struct>;
	friend class Ref<task_struct>;
};

/// The kernel whose code the calling OS thread runs; set by boot and where a task's stack begins.
extern thread_local constinit Kernel *t_kernel __attribute__((tls_model("initial-exec")));

inline Kernel &kernel()
{
	return *t_kernel;
}
inline rq &this_rq()
{
	return kernel().cpu_rq(this_cpu().index);
}
inline task_struct &current_task()
{
	return *static_cast<task_struct *>(this_cpu().task);
}
inline unsigned smp_processor_id()
{
	return this_cpu().index;
}
inline mm_ref init_mm()
{
	return kernel().init_mm();
}

/// Bits of context:: that are true of the caller.
unsigned context_bits();

/// WARN_ON_ONCE / BUG_ON: an event; a BUG ends the run if an oracle listens.
void WARN_ON(bool condition, const char *text, const Where &where = Where::current());
void BUG_ON(bool condition, const char *text, const Where &where = Where::current());

// kernel/sched/core.c
/// Gives the CPU to `next` if it can run here (false: it cannot; nothing happened). Returns when
/// the calling task is switched to again, maybe on another CPU.
bool schedule_to(task_ref next);
bool __schedule(task_ref next); ///< the same with preemption off already
/// A task that can run: by name slot of an operation's operand.
task_ref find_runnable(unsigned operand);
void finish_task_switch(task_struct &prev);
/// Whether irq_exit() would give the CPU to somebody else.
bool resched_wanted();
/// At the exit of an interrupt: softirqs, stopper, preemption.
void irq_exit();

// kernel/fork.c, kernel/exit.c, fs/exec.c
/// A copy of current with a new mm (or the same one) in user slot `slot`; false if that cannot be.
bool copy_process(unsigned slot, bool clone_vm);
/// The mm of user task `slot` becomes its signal_struct's oom_mm.
void mark_oom_victim(unsigned slot);
bool exec(); ///< begin_new_exec(): a new mm, then Scheme::exec_mmap
[[noreturn]] void do_exit();
/// Drops what the operations get, pin and use_mm hold.
void exit_files();
void mmgrab(mm_ref mm, Holder holder, int id, const Where &where = Where::current());
/// atomic_add / atomic_sub on mm_count: n references at once, which the caller shares out.
void mmgrab(mm_ref mm, int n, Holder holder, const Where &where = Where::current());
void mmsub(mm_ref mm, int n, Holder holder, const Where &where = Where::current());
/// atomic_dec_and_test(): fully ordered. True: it was the last reference, and the caller frees mm.
bool mm_count_dec_and_test(mm_ref mm, Holder holder, int id, const machine::Site &site,
			   const Where &where = Where::current());
/// The same of mmdrop().
bool mmdrop_and_test(mm_ref mm, Holder holder, int id, const Where &where = Where::current());
bool mmget_not_zero(mm_ref mm);
void mmget(mm_ref mm);
void mmput(mm_ref mm);
void __mmdrop(mm_ref mm);
/// get_task_mm(): an mm_users reference to a user task's mm, or empty.
mm_ref get_task_mm(unsigned slot);
/// mm_count of a task's mm, taken under task_lock.
mm_ref grab_task_mm(unsigned slot);
void put_task_struct(task_struct &task);

// arch.h, by way of mmu.cc
/// Hardware and mm_cpumask; interrupts off.
void switch_mm_irqs_off(mm_ref prev, mm_ref next);
void switch_mm(mm_ref prev, mm_ref next);   ///< the same with interrupts saved and off
void activate_mm(mm_ref prev, mm_ref next); ///< exec's: the architecture may want interrupts on
void enter_lazy_tlb(mm_ref mm, task_struct &task);
void finish_arch_post_lock_switch();
/// Core serialising instructions (CR3 write, IRET, sync_core()); told once code was patched.
void core_serialised(const Where &where = Where::current());
/// Between two operations a task that has an mm runs user code: it reaches its page through the
/// TLB.
void user_accesses_memory();
void mmu_walk();   ///< the hardware reads the loaded page tables and the page behind them
void unmap_page(); ///< clears current's pte, flushes TLBs, frees the page
void exit_mmap(mm_ref mm);

// kernel/smp.c
/// Runs fn(arg) on every CPU of `mask` but the caller's, interrupts off, and waits.
void smp_call_function_many(std::uint32_t mask, void (*fn)(void *), void *arg, const char *what);
/// The same, and on the caller's CPU too if it is in `mask`.
void on_each_cpu_mask(std::uint32_t mask, void (*fn)(void *), void *arg, const char *what);
std::uint32_t cpu_online_mask();

// kernel/cpu.c
bool cpu_down(unsigned cpu);
bool cpu_up(unsigned cpu);
bool cpu_active(unsigned cpu);
/// The dead CPU's idle task: idle_task_exit(), then nothing until it is brought up.
void play_dead();
[[noreturn]] void cpuhp_thread();
/// The stopper's turn: stop_machine() on this CPU.
void cpu_stopper_thread();

} // namespace lazymm::kernel
