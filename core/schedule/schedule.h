// SPDX-License-Identifier: MIT
// A schedule: what each CPU does, and where it is interrupted. The one value that flows through
// lazymm: fuzzers, RapidCheck, the minimiser and people make schedules; run() carries them out.
//
// Every schedule is valid: an operation that makes no sense in the state it meets does nothing, a
// decision that does not apply is passed over.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lazymm::schedule
{

/// CPUs that a schedule can name; tasks and clocks of the machine are sized apart from this.
inline constexpr unsigned kMaxCpus = 4;
/// Operations of one CPU's script; the decoder and the parser stop there.
inline constexpr unsigned kMaxOps = 128;
/// Decisions of one operation.
inline constexpr unsigned kMaxDecisions = 255;
/// Largest anchor (`+N`) and largest argument of a decision.
inline constexpr unsigned kMaxAt = 16383;
inline constexpr unsigned kMaxArg = 255;

enum class Memory : std::uint8_t { sc, tso, weak };

/// CPU hot-unplug protocol. `scheme` = the one that the scheme was posted for.
enum class Hotplug : std::uint8_t { scheme, h1, h3 };

/// What the architecture does where mms are switched and TLBs flushed. `scheme` = the one that the
/// scheme was posted for.
enum class Arch : std::uint8_t { scheme, generic, x86, deferred, broadcast, powerpc };
inline constexpr unsigned kArches = 6;

/// Where mm_structs live: a type-stable LIFO pool with generations, or the heap (for ASan).
enum class MmMemory : std::uint8_t { pool, heap };

enum class DecisionKind : std::uint8_t {
	run,	 ///< let CPU `arg` go first
	irq,	 ///< take an interrupt here: what was held back, else a timer tick
	defer,	 ///< hold a pending interrupt back for `arg` more visible accesses
	preempt, ///< take an interrupt here and act on this CPU's next `switch` early
	older,	 ///< a load returns the `arg`-th older store that the memory model allows
	hold,	 ///< a store stays `arg` accesses in the store buffer
	under,	 ///< a store goes `arg` places further down in coherence order
	pick,	 ///< take the `arg`-th of several equal choices (order of RCU callbacks, ...)
};
inline constexpr unsigned kDecisionKinds = 8;

/// Before the `at`-th visible access (from 1) of the operation that carries it.
struct Decision {
	std::uint16_t at = 1;
	DecisionKind kind = DecisionKind::run;
	std::uint8_t arg = 0;

	bool operator==(const Decision &) const = default;
};

/// What the task that is current on the CPU does, as a system call or a scheduler event.
enum class OpKind : std::uint8_t {
	switch_to, ///< schedule() to a task
	fork,	   ///< a new user task with a copy of the mm
	thread,	   ///< a new user task in the same mm (CLONE_VM)
	exec,	   ///< a new mm for this task; from a kernel thread: kernel_execve
	exit,	   ///< do_exit
	use_mm,	   ///< kthread_use_mm(mm of a task)
	unuse_mm,  ///< kthread_unuse_mm
	get,	   ///< mmget_not_zero(mm of a task), held by this task
	put,	   ///< mmput of what `get` got
	pin,	   ///< mmgrab(mm of a task), held by this task
	unpin,	   ///< mmdrop of what `pin` got
	oom,	   ///< the mm is pinned by a task's signal_struct, dropped when that task is freed
	touch,	   ///< walk the page tables that the CPU has loaded
	unmap,	   ///< unmap a page of current's mm: TLB flush by IPI, then free the page
	offline,   ///< cpu_down(N)
	online,	   ///< cpu_up(N)
	rcu,	   ///< invoke RCU callbacks whose grace period is over (softirq)
	sync_rcu,  ///< synchronize_rcu()
	work,	   ///< run queued work items
	// User code of current, and membarrier(2): what its promises are about.
	store,		 ///< user code writes a variable
	load,		 ///< user code reads a variable
	barrier,	 ///< user code's compiler barrier
	membarrier,	 ///< membarrier(2) with a command
	membarrier_rseq, ///< membarrier(2) rseq with a CPU
	register_mm,	 ///< membarrier(2) registration
	patch,		 ///< modify the mm's own code
	run_code,	 ///< run the mm's code
	// Two accesses of user code with a barrier() between them: to a variable, and to its twin
	// (x and y, s and t).
	store_store,
	store_load,
	load_load,
	cid_work, ///< take back concurrency ids that nobody uses
	// Page tables of current's mm, where a scheme has them.
	alloc_table, ///< populate an empty pmd
	free_table,  ///< clear a pmd, pte_free_defer()
};
inline constexpr unsigned kOpKinds = 33;
/// From here on: what the usual searches leave out.
inline constexpr OpKind kFirstUserOp = OpKind::store;
/// Variables, code and membarrier.
constexpr bool is_user_op(OpKind kind)
{
	return kind >= kFirstUserOp && kind <= OpKind::load_load;
}

/// What an operation's operand names.
enum class OperandKind : std::uint8_t { none, task, user, cpu, variable, command, registration };

/// x and y are an mm's own (copied by fork), s and t all mms share.
inline constexpr std::array<const char *, 4> kVariableNames = { "x", "y", "s", "t" };
/// Commands of membarrier(2), and what an mm registers for. Private ones are "expedited".
inline constexpr std::array<const char *, 7> kCommandNames = {
	"private", "global-expedited", "sync-core", "rseq", "global", "query", "registrations",
};
inline constexpr std::array<const char *, 4> kRegistrationNames = { "private", "global-expedited",
								    "sync-core", "rseq" };

/// Tasks by name. User tasks come and go; A exists at boot and runs on cpu0. Every other CPU boots
/// with its idle task. `kthread` and `idle` are this CPU's own; K and L are not bound to a CPU.
inline constexpr unsigned kUserTasks = 6; // A..F
inline constexpr std::array<const char *, 10> kTaskNames = { "A", "B", "C", "D",       "E",
							     "F", "K", "L", "kthread", "idle" };

struct OpInfo {
	const char *name;
	OperandKind operand;
	const char *what; ///< one line for `lazymm list operations`
};
/// The table of operations, indexed by OpKind.
const OpInfo &info(OpKind kind);
const char *name(DecisionKind kind);
const char *name(OperandKind kind);
/// Number of values an operand of this kind can take (none: 1).
unsigned operand_count(OperandKind kind);
/// "B", "kthread", "cpu1"; "" for none.
std::string operand_name(OperandKind kind, unsigned operand);

struct Op {
	OpKind kind = OpKind::switch_to;
	std::uint8_t operand = 0;
	std::vector<Decision> decisions; ///< ascending by `at`; equal anchors keep their order

	bool operator==(const Op &) const = default;
};

enum class Strategy : std::uint8_t { random, pct, pos, surw, portfolio, stall };
inline constexpr unsigned kStrategies = 6;
const char *name(Strategy strategy);

/// Makes decisions while the schedule runs, after the explicit ones.
struct Search {
	Strategy strategy = Strategy::portfolio;
	std::uint32_t seed = 0;

	bool operator==(const Search &) const = default;
};

struct Schedule {
	std::string scheme;		 ///< registry name, "refcount"
	std::string bug;		 ///< planted bug, or empty
	std::vector<std::string> weaken; ///< sites that are weakened, by name
	Memory memory = Memory::sc;
	Hotplug hotplug = Hotplug::scheme;
	Arch arch = Arch::scheme;
	MmMemory mm = MmMemory::pool;
	std::optional<Search> search;
	std::vector<std::vector<Op>> cpus{ 2 }; ///< a script per CPU; 1..kMaxCpus

	bool operator==(const Schedule &) const = default;
};

} // namespace lazymm::schedule
