// SPDX-License-Identifier: MIT
// What the kernel tells whoever watches (oracles), and puts into traces as notes. An event is said
// where the thing happens, on the CPU that does it; saying it is not a visible access.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/kernel/ref.h"

namespace lazymm::kernel
{

enum class EventKind : std::uint8_t {
	none,
	mm_alloc,    ///< mm: a new one, mm_users 1, mm_count 1
	grab,	     ///< mm: mm_count + value, for `holder`
	drop,	     ///< mm: mm_count - value, of `holder`; count = what is left
	users_get,   ///< mm: mm_users + 1
	users_put,   ///< mm: mm_users - 1; count = what is left
	free_tables, ///< mm: exit_mmap() frees the user page tables
	free_pgd,    ///< mm: __mmdrop() frees the pgd
	free_mm,     ///< mm: __mmdrop() frees the mm_struct
	load_mm,     ///< mm: this CPU's hardware loads its page tables
	set_active,  ///< mm: becomes current->active_mm
	switched,    ///< task: this CPU switched to it; mm: its active_mm
	lazy_hold,   ///< mm: held lazily without a count (hazard pointer), or no longer (value 0)
	mmdrop_context,	   ///< mm: __mmdrop() begins; value = Context bits of where
	use_after_free,	   ///< mm: a stale reference to it was followed
	warn,		   ///< text: a WARN_ON of the kernel's own
	bug,		   ///< text: a BUG_ON
	tlb,		   ///< mm: a translation is cached (value 1), all are flushed (0)
	stale_tlb,	   ///< mm: a freed page was reached through a stale TLB entry
	walk_freed,	   ///< mm: the hardware walked a freed page table
	task_new,	   ///< task
	task_dead,	   ///< task
	hotplug,	   ///< text; value = the CPU
	ipi,		   ///< text; value = the target CPU
	rcu,		   ///< text
	user_store,	   ///< count: variable; value: the store's number
	user_placed,	   ///< count: variable, and << 8: under how many others; value: the store's
			   ///< number
	user_load,	   ///< count: variable; value: number of the store that was read, 0 = none
	user_mode,	   ///< between two operations user code of `task` on mm runs
	user_barrier,	   ///< a compiler barrier
	user_code,	   ///< user code was run
	patched,	   ///< mm: its code was changed; value = version
	core_serialised,   ///< this CPU fetches code anew
	mm_cid,		   ///< task runs on mm with concurrency id `value`; -1: not any more
	mm_cid_put,	   ///< mm: its concurrency id `value` is free
	membarrier_call,   ///< text: the command; value = MembarrierCmd
	membarrier_return, ///< the same; count = what it returned
	membarrier_registered, ///< text; value = MembarrierReg; count = what it returned
	ipi_wait_context,      ///< a wait for IPIs begins where it must not; value = Context bits
	quiescence,	       ///< every script and every operation has ended
	page_table, ///< mm, count: the number of one of its tables; text: what happens to it
};
inline constexpr unsigned kEventKinds = static_cast<unsigned>(EventKind::page_table) + 1;

/// On whose behalf an mm_count reference is held.
enum class Holder : std::uint8_t {
	users,	 ///< all of mm_users together own one
	lazy,	 ///< a CPU whose current task is lazy on the mm
	pin,	 ///< a task's explicit mmgrab
	use_mm,	 ///< a kernel thread between kthread_use_mm and kthread_unuse_mm
	signal,	 ///< a signal_struct's oom_mm
	mailbox, ///< LAZY_MM's rq->drop_mm
	unlazy,	 ///< mm_unlazy_mm_count's batch
	table,	 ///< page tables whose free was deferred
};
const char *name(Holder holder);

/// Bits of EventKind::mmdrop_context and ipi_wait_context.
namespace context
{
inline constexpr unsigned hardirq = 1, softirq = 2, irqs_off = 4, rq_lock = 8, preempt_off = 16,
			  cpus_write_lock = 32;
}

struct KernelEvent {
	EventKind kind = EventKind::none;
	mm_ref mm;
	int count = 0; ///< the reference count afterwards
	int value = 0;
	Holder holder = Holder::users;
	int holder_id = -1; ///< CPU of lazy and mailbox; task of pin, use_mm, signal
	task_ref task;
	const char *text = "";
	int cpu = 0; ///< filled in by Kernel::emit
	const char *file = "";
	unsigned line = 0;
};

/// "B", "K", "kthread/1", "idle/0": by task slot.
std::string task_name(unsigned slot);

/// Somebody who watches. Called on the stack of whoever caused the event.
class Watcher
{
public:
	virtual ~Watcher() = default;
	/// Stepped mode.
	virtual void on(const KernelEvent &event) = 0;
	/// Free mode: several OS threads may be in here at once, and everything else goes on. For
	/// those who can judge by the event alone.
	virtual void on_free(const KernelEvent &) {}
};

/// What Kernel::emit put into a trace, as far as a trace keeps it: `mm` and `task` have numbers but
/// point nowhere.
KernelEvent from_note(const machine::Event &note);

/// "mm_count of mm1 1 -> 0 (lazy reference of CPU1)": an event as a person reads it.
std::string describe(const KernelEvent &event);

} // namespace lazymm::kernel
