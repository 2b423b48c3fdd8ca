// SPDX-License-Identifier: MIT
// The virtual multiprocessor. CPUs are tokens, tasks are contexts with stacks of their own; a
// policy decides which CPU moves, the machine carries it out.
//
// Stepped: one CPU moves at a time, a run is a pure function of what the policy says. Free: as many
// OS threads as CPUs run truly in parallel; the policy only seeds jitter.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/machine/cpu.h"
#include "core/machine/executor.h"
#include "core/machine/policy.h"
#include "core/machine/shared.h"
#include "core/machine/trace.h"
#include "core/machine/tso.h"
#include "core/machine/weak.h"

namespace lazymm::machine
{

enum class Mode : std::uint8_t { stepped, free };
/// The memory model of a stepped run. Free mode runs on the host's own.
enum class Memory : std::uint8_t { sc, tso, weak };

/// How a run ended.
enum class Outcome : std::uint8_t {
	completed, ///< every script ended
	stopped,   ///< stop_run(): somebody had something to say
	deadlock,  ///< no CPU can move, and one of them waits for more than work: proven
	livelock,  ///< the same, and all that wait spin
	limit,	   ///< kMaxAccesses went by: not a proof of anything
	race,	   ///< two conflicting plain accesses without happens-before
	stuck,	   ///< free mode: nothing moved for a while; not a proof
};

struct RaceReport {
	const PlainWord *location = nullptr;
	AccessKind kind = AccessKind::plain_load;
	const char *file = "";
	unsigned line = 0;
	std::uint8_t cpu = 0;
	std::uint8_t other_cpu = 0;
	bool other_wrote = false;
};

class Machine
{
public:
	/// Bounds a run; below 2^15 (Clock).
	static constexpr std::uint32_t kMaxAccesses = 30000;
	static constexpr unsigned kMaxContexts = 32;

	struct Settings {
		unsigned cpus = 2;
		Mode mode = Mode::stepped;
		Memory memory = Memory::sc;
		bool dependencies = false; ///< weak: see Weak::reset()
		Policy *policy = nullptr;
		Trace *trace = nullptr; ///< record, or nullptr
	};

	explicit Machine(Engine engine);
	~Machine();
	Machine(const Machine &) = delete;
	Machine &operator=(const Machine &) = delete;

	Engine engine() const { return engine_; }

	/// Resets all CPUs and contexts; O(CPUs + contexts of the last run).
	void reset(const Settings &settings);
	/// A context that runs entry(arg) on a stack of its own. Reuses one that was retired.
	Context &spawn(void (*entry)(void *), void *arg);
	/// The context will not be run again.
	void retire(Context &context);
	/// Runs CPU i from first[i] until every script ended or the run was stopped. Then no
	/// context is left and memory that the run used is the caller's again (also for TSan).
	Outcome run(Context *const first[]);

	// From inside a run.

	/// Hands the CPU to `next`; returns when somebody hands a CPU (not always the same) to us.
	void switch_context(Context &next);
	/// Waits until wait.ready, taking interrupts if they are on. Returns false if instead the
	/// CPU is offered to an unfinished task (wait.sleeps or wait.idle, and nobody could move).
	/// A visible access.
	bool wait(const Wait &wait, const Where &where = Where::current());
	/// cpu_relax(): goes on when another CPU has stored something. A visible access.
	void relax(const Where &where = Where::current());
	/// Queues an interrupt for `cpu`; it is delivered at that CPU's next visible access with
	/// interrupts on. Release. The same (fn, arg) while it is pending is one interrupt.
	void raise(unsigned cpu, void (*fn)(void *), void *arg);
	/// local_irq_enable / disable; enabling delivers what is pending. The outermost section
	/// with interrupts or preemption off begins with a visible point, at which the task can
	/// still be preempted.
	void irqs_off();
	void irqs_on();
	void preempt_disable();
	/// The same without the point: interrupts were off until now.
	void preempt_disable_here();
	/// Returns true if the count fell to zero.
	bool preempt_enable();
	/// A choice among n (RCU callbacks, ...). A visible access.
	unsigned pick(unsigned n, const char *what, const Where &where = Where::current());
	/// A barrier of the kernel.
	void barrier(AccessKind kind, const Site *site, const Where &where);
	/// Acquire / release on a clock of the kernel's own (its allocators, a grace period), which
	/// no variable of the model stands for. Release: after all stores of the CPU.
	void acquire(const Clock &clock);
	void release(Clock &clock);
	/// smp_mb() on behalf of `cpu`, released into `clock`: a quiescent state that a grace
	/// period waits for.
	void quiescent(unsigned cpu, Clock &clock);
	/// `cpu` is in a section that a grace period has to wait for: smp_mb() when it has ended,
	/// at the latest before the next one begins.
	void want_quiescent(unsigned cpu) { cpus_[cpu].quiescent_wanted = stepped(); }

	/// The CPU begins with operation `op` / goes on with a suspended one.
	void begin_activity(std::uint16_t op);
	Activity suspend_activity();
	void resume_activity(const Activity &activity);

	/// Puts a word of the kernel's into the trace, if one is recorded. Not an access.
	void note(std::uint8_t code, std::uint64_t a, std::uint64_t b, const char *text,
		  const Where &where);
	/// Ends the run: Outcome::stopped. Does not return.
	[[noreturn]] void stop_run();

	unsigned cpus() const { return settings_.cpus; }
	Cpu &cpu(unsigned i) { return cpus_[i]; }
	const Cpu &cpu(unsigned i) const { return cpus_[i]; }
	bool recording() const { return settings_.trace != nullptr; }
	Memory memory() const { return settings_.memory; }
	bool stepped() const { return settings_.mode == Mode::stepped; }
	/// Visible accesses so far, of all CPUs.
	std::uint32_t steps() const;
	const RaceReport &race() const { return race_; }

	// What the kernel on top provides.

	/// Runs after every interrupt handler, interrupts on: softirqs, preemption.
	void (*irq_exit)() = nullptr;
	/// A timer tick; `resched` asks for rescheduling at its exit.
	void (*tick)(bool resched) = nullptr;
	/// Whether a task that `cpu` could run is half done and on no CPU.
	bool (*unfinished)(Machine &, unsigned cpu) = nullptr;
	/// Whether a task is half done although nobody can move: then the end is a deadlock.
	bool (*hung)(Machine &) = nullptr;
	/// Others have moved between the decision to access the location and the access: it may be
	/// gone.
	void (*others_moved)(Machine &, const Location &) = nullptr;
	/// tso and weak: a store has taken its place in the word's coherence order, `under` that
	/// many others. (Under sc that is where it is made.)
	void (*placed)(Machine &, const SharedWord &, std::uint64_t value,
		       unsigned under) = nullptr;
	void *user = nullptr;

	// The slow half of an access: for shared.h.
	std::uint64_t access(const Access &access, SharedWord *word, PlainWord *plain, RmwOp op,
			     std::uint64_t operand, std::uint64_t expected, std::uint64_t mask);
	std::uint64_t stepped_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				  Order order, std::uint64_t expected, std::uint64_t mask);
	std::uint64_t reserved_load(Cpu &cpu, const SharedWord &word, Order order);
	void reserved_store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order);
	std::uint64_t reserved_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				   Order order, std::uint64_t expected, std::uint64_t mask);
	const Tso::Held *held_by(const Cpu &cpu, const SharedWord &word) const
	{
		return tso_->find(cpu, word);
	}
	/// What the policy decides may change when it wants to be asked next: before it is asked.
	void settle(Cpu &cpu);
	[[noreturn]] void report_race(const PlainWord &word, AccessKind kind, const char *file,
				      unsigned line);

private:
	struct Body {
		void (*fn)(void *);
		void *arg;
	};
	static void body(void *context);
	static void tick_irq(void *resched);

	void stop(const Access &access);
	void point();
	void begin_section();
	void next_section(Cpu &cpu);
	void ask(Cpu &cpu, const Access &access);
	void begin_activity_on(Cpu &cpu, std::uint16_t op);
	void take_irqs(bool now);
	void deliver(Cpu &cpu);
	std::uint64_t model_load(Cpu &cpu, const SharedWord &word, Order order);
	std::uint64_t model_store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order);
	std::uint64_t model_rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand,
				Order order, std::uint64_t expected, std::uint64_t mask);
	void tell_tsan_of_fences(const Cpu &reader, const Clock &message);
	void model_barrier(Cpu &cpu, AccessKind kind);
	std::uint64_t perform(Cpu &cpu, const Access &access, SharedWord *word, PlainWord *plain,
			      RmwOp op, std::uint64_t operand, std::uint64_t expected,
			      std::uint64_t mask);
	std::uint64_t perform_free(const Access &access, SharedWord *word, PlainWord *plain,
				   RmwOp op, std::uint64_t operand, std::uint64_t expected,
				   std::uint64_t mask);
	Event event(const Cpu &cpu) const;
	void record(const Cpu &cpu, const Access &access, std::uint64_t before,
		    std::uint64_t after);
	void grant(Cpu &cpu);
	void count_step(Cpu &cpu);
	bool irq_deliverable(const Cpu &cpu) const;
	bool movable(const Cpu &cpu) const;
	CpuSet movable_others(const Cpu &cpu) const;
	void go(unsigned cpu);
	void nobody_moves();
	void look_at_stores(const Cpu *except);
	[[noreturn]] void finish(Outcome outcome);
	// store buffers (tso.cc)
	void to_memory(SharedWord &word, std::uint64_t value, const Clock &message);
	void commit(Cpu &cpu);
	void drain_one(Cpu &cpu);
	void drain(Cpu &cpu);
	void drain_due(Cpu &cpu);
	void tso_store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order);
	std::uint64_t tso_load(Cpu &cpu, const SharedWord &word, Order order);
	// free mode (free.cc)
	Outcome run_free(Context *const first[]);
	[[noreturn]] void free_finish(Outcome outcome);
	void free_stop(Cpu &cpu);
	class FreeWait;
	bool free_wait(const Wait &wait);
	unsigned free_pick(unsigned n);

	Engine engine_;
	std::unique_ptr<Executor> executor_;
	Settings settings_;
	Cpu cpus_[kMaxCpus];
	Context contexts_[kMaxContexts];
	Body bodies_[kMaxContexts];
	unsigned used_ = 0; ///< contexts_[0 .. used_) were spawned in this run
	/// Spawned and not retired. Not Context::state: a context is finished a little before its
	/// executor is done with it.
	std::uint32_t taken_ = 0;
	Context main_;
	Clock agreed_; ///< S: what the full barriers have agreed on so far
	std::uint32_t steps_ = 0;
	std::uint32_t stores_ = 0; ///< times that somebody was seen to have stored
	bool over_ = false;
	Outcome outcome_ = Outcome::completed;
	RaceReport race_;
	unsigned choice_ = 0; ///< what the memory model made of the last load or store
	std::unique_ptr<Tso> tso_;
	std::unique_ptr<Weak> weak_;
	struct Free; ///< what only free mode keeps
	std::unique_ptr<Free> free_;
};

/// The machine that the calling context runs on.
inline Machine &this_machine()
{
	return *this_cpu().machine;
}

} // namespace lazymm::machine
