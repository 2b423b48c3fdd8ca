// SPDX-License-Identifier: MIT
// The data structures: mm_struct and its page tables, task_struct, rq. Kernel names; Linux 6.12's
// fields as far as lives of lazy mms touch them. What no CPU of the model reads or writes (numbers,
// names, who holds what) is plain C++ and marked "bookkeeping".
#pragma once

#include <cstdint>

#include "core/kernel/lock.h"
#include "core/kernel/pte_table.h"
#include "core/kernel/ref.h"

namespace lazymm::kernel
{

inline constexpr unsigned kMaxCpus = 4;
inline constexpr unsigned kMms = 16; ///< init_mm is slot 0
inline constexpr unsigned kUserTasks = 6;
inline constexpr unsigned kTasks = kUserTasks + 2 + 3 * kMaxCpus;
/// Variables of user programs: x and y are an mm's own, s and t all mms share (MAP_SHARED).
inline constexpr unsigned kUserVars = 4;
inline constexpr unsigned kPrivateVars = 2;

using machine::Owner;

/// A page of page tables, or of memory: what hardware reads is its `entry`.
struct page {
	explicit page(const Owner *owner, const char *name) : entry(name, owner) {}
	Plain<std::uint32_t> entry;
	// bookkeeping
	bool freed = true;
	bool linked = false; ///< the level above still points to it
};

/// Three lifetimes: user page tables end in exit_mmap(), the pgd and the struct in __mmdrop().
/// include/linux/mm_types.h
struct mm_struct {
	Owner owner{ "mm", 0 };
	Shared<int> mm_users{ "mm_users", &owner };
	Shared<int> mm_count{ "mm_count", &owner };
	Shared<std::uint32_t> mm_cpumask{ "mm_cpumask", &owner };
	/// x86: how often its TLB entries had to be flushed.
	Shared<std::uint32_t> tlb_gen{ "tlb_gen", &owner };
	/// The generation of the one user page that is mapped; 0 = none.
	Shared<std::uint32_t> pte{ "pte", &owner };
	Plain<int> rss{ "rss_stat", &owner };
	page pgd{ &owner, "pgd" };
	page user_tables{ &owner, "user page tables" };
	/// MEMBARRIER_STATE_*: which commands the mm has registered for.
	Shared<int> membarrier_state{ "membarrier_state", &owner };
	/// Page tables below the pgd, and the fragments of pages that they are made of, where a
	/// scheme has them (pte_table.h).
	Shared<std::uint32_t> pmd[kPmds]{ { "pmd[0]", &owner },
					  { "pmd[1]", &owner },
					  { "pmd[2]", &owner } };
	spinlock page_table_lock{ "page_table_lock", &owner };
	pgtable_list context{ &owner };
	/// What user code reads and writes; each store's value is its number in the run.
	Shared<std::uint32_t> user_vars[kPrivateVars]{ { "x", &owner }, { "y", &owner } };
	/// The code itself: a new version with every patch.
	Shared<std::uint32_t> code{ "code", &owner };
	/// Concurrency ids (mm_cid.h): which are given away, and what each CPU has.
	Shared<std::uint32_t> cid_mask{ "cid_mask", &owner };
	Shared<int> cid_work{ "cid_work", &owner }; ///< somebody takes cids back
	Shared<int> pcpu_cid[kMaxCpus]{ { "pcpu_cid[0]", &owner },
					{ "pcpu_cid[1]", &owner },
					{ "pcpu_cid[2]", &owner },
					{ "pcpu_cid[3]", &owner } };

	// bookkeeping
	std::uint16_t generation = 0;
	bool allocated = false;
};

/// What a sleeping task waits for (bookkeeping: the wait queue).
struct sleeper {
	bool (*ready)(void *arg) = nullptr;
	void *arg = nullptr;
};

enum : int { TASK_RUNNING = 0, TASK_DEAD = 0x80 };

/// include/linux/sched.h
struct task_struct {
	Owner owner{ "task", -1 };
	Shared<mm_ref> mm{ "mm", &owner };
	/// Read and written by the CPU that runs the task; finish_cpu() reads a dead CPU's.
	Plain<mm_ref> active_mm{ "active_mm", &owner };
	Shared<int> __state{ "__state", &owner };
	Shared<int> on_cpu{ "on_cpu", &owner };
	spinlock alloc_lock{ "alloc_lock", &owner };
	Shared<int> mm_cid_active{ "mm_cid_active", &owner }; ///< has a cid while it runs

	// Only the task itself (or, at its end, who frees it):
	mm_ref got;    ///< mm_users reference of the operation `get`
	mm_ref pinned; ///< mm_count reference of `pin`
	mm_ref used;   ///< mm_users reference of `use_mm`
	mm_ref oom_mm; ///< signal->oom_mm
	int mm_cid = -1;

	// bookkeeping
	const char *comm = "";
	std::uint8_t slot = 0;
	std::uint16_t generation = 0;
	std::int8_t bound_to = -1; ///< CPU of a per-CPU kernel thread
	bool allocated = false;
	bool kthread = false;	 ///< PF_KTHREAD
	bool unfinished = false; ///< in the middle of an operation
	sleeper *sleeping = nullptr;
	const char *sleeps_on = ""; ///< what `sleeping` waits for; outlives its stack
	machine::Context *context = nullptr;
};

/// Per CPU: kernel/sched/sched.h, and what else is per CPU.
struct rq {
	Owner owner{ "rq", 0 };
	spinlock lock{ "__lock", &owner };
	Shared<task_ref> curr{ "curr", &owner };
	/// REFCOUNT: the lazy reference to drop after the switch. This CPU only.
	Plain<mm_ref> prev_mm{ "prev_mm", &owner };
	/// Copy of the membarrier_state of the mm that curr runs on: what others may read without
	/// following curr->mm.
	Shared<int> membarrier_state{ "rq_membarrier_state", &owner };
	task_struct *idle = nullptr;
	task_struct *kthread = nullptr;
	task_struct *cpuhp = nullptr;

	/// What the hardware has loaded; may differ from curr's active_mm.
	Plain<mm_ref> loaded_mm{ "loaded_mm", &owner };
	/// TLB: per mm slot the page that is cached for it (0 = none), and for which mm of that
	/// slot. This CPU only.
	std::uint32_t tlb[kMms] = {};
	std::uint16_t tlb_generation[kMms] = {};
	/// Paging-structure caches, a bit per mm slot: the way to its user page tables is known.
	std::uint32_t walk_cache = 0;

	// This CPU only, or bookkeeping.
	task_struct *prev = nullptr; ///< `last` of switch_to()
	bool need_resched = false;
	bool softirq_running = false;
	std::uint16_t bh_disabled = 0;
	bool in_dispatch = false;
};

} // namespace lazymm::kernel
