// SPDX-License-Identifier: MIT
// A CPU of the machine: a token. Whichever task's context holds it runs; code asks this_cpu() anew
// after every visible access, because a preempted task goes on wherever it is switched to.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/machine/access.h"
#include "core/machine/policy.h"
#include "core/machine/trace.h"

// What the program is built with, the same in all of its files. The build defines these; files that
// are themselves not instrumented could not tell.
#ifdef __has_feature
#define LAZYMM_HAS_FEATURE(x) __has_feature(x)
#else
#define LAZYMM_HAS_FEATURE(x) 0
#endif
#ifndef LAZYMM_TSAN
#if LAZYMM_HAS_FEATURE(thread_sanitizer) || defined(__SANITIZE_THREAD__)
#define LAZYMM_TSAN 1
#else
#define LAZYMM_TSAN 0
#endif
#endif
#ifndef LAZYMM_ASAN
#if LAZYMM_HAS_FEATURE(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
#define LAZYMM_ASAN 1
#else
#define LAZYMM_ASAN 0
#endif
#endif

namespace lazymm::machine
{

class Machine;
struct Context;

/// An interrupt: a function that runs on the stack of whatever is current on the CPU.
struct Irq {
	void (*fn)(void *arg) = nullptr;
	void *arg = nullptr;
	Clock sent; ///< what the sender knew: sending is a release, the handler's entry an acquire
	Clock fenced; ///< weak: its F
};

/// What a CPU is carrying out: the anchor of decisions. It stays with the task when the task is
/// preempted half way (Machine::suspend_activity).
struct Activity {
	std::uint16_t op = kNoOp;
	std::uint32_t count = 0;  ///< visible accesses so far
	std::uint32_t ask_at = 0; ///< position at which the policy wants to be asked
};

/// Waits, and how a CPU that waits may be used (Machine::wait).
struct Wait {
	bool (*ready)(void *arg) = nullptr;
	void *arg = nullptr;
	const char *what = "";
	bool sleeps = false; ///< the task would leave the CPU: another unfinished task may have it
	bool idle = false;   ///< the script has ended: being here for ever is no deadlock
	bool relax = false;  ///< a spinning loop: being here for ever is a livelock
};

struct alignas(64) Cpu {
	/// Visible accesses that may go by before the machine must act; 0 = at the next one.
	std::uint32_t fuel = 0;
	/// The same for memory models whose accesses take more than the fast path.
	std::uint32_t reserve = 0;
	/// What was last granted of either; what is missing is not yet accounted for.
	std::uint32_t granted = 0;
	std::uint8_t held = 0; ///< tso: stores in the store buffer
	/// Stored to since somebody last looked (cpu_relax).
	bool wrote = false;
	bool irqs_off = false;
	std::uint16_t preempt_count = 0;
	std::uint16_t hardirq_depth = 0;
	/// Outermost sections with preemption or interrupts off that have begun: what a grace
	/// period tells apart.
	std::atomic<std::uint32_t> sections{ 0 };
	/// Of those, how many are over: fewer than `sections` while one runs.
	std::atomic<std::uint32_t> sections_over{ 0 };
	/// A grace period waits for the section that runs now (stepped): a full barrier before the
	/// next one begins.
	bool quiescent_wanted = false;
	std::uint8_t index = 0;
	bool offered = false; ///< a waiting CPU is asked to run an unfinished task
	Clock known;	      ///< C: what this CPU knows
	Clock seen;	      ///< A: what relaxed loads saw and no barrier has taken up yet
	Clock published;      ///< R: what it had published at its last write barrier
	Clock fenced;	      ///< weak: F, what a full barrier was after
	Clock seen_fenced;    ///< weak: AF, the same of what relaxed loads saw
	Clock unit;	      ///< one in this CPU's lane

	Machine *machine = nullptr;
	Context *context = nullptr; ///< who holds this CPU
	void *task = nullptr;	    ///< the kernel's `current`
	Activity activity;
	const Wait *wait = nullptr;	   ///< what it waits for, or nullptr
	Wait stuck_in;			   ///< what it waited for when the run ended
	std::uint32_t held_back_until = 0; ///< interrupts wait for this position of the activity

	/// With preemption or interrupts off. The one thing of these that others may ask for in
	/// free mode: two words that change one after the other would not do.
	bool in_section() const
	{
		const std::uint32_t over = sections_over.load(std::memory_order_acquire);
		return sections.load(std::memory_order_acquire) != over;
	}
	/// Preemption or interrupts have just been allowed.
	void maybe_section_over()
	{
		if (!irqs_off && !preempt_count)
			sections_over.store(sections.load(std::memory_order_relaxed),
					    std::memory_order_release);
	}

	/// One visible access from the reserve, if there is one.
	bool take_reserve()
	{
		if (reserve == 0)
			return false;
		reserve--;
		return true;
	}

	static constexpr unsigned kIrqs = 16;
	Irq irqs[kIrqs]; ///< FIFO, from irq_first
	std::uint8_t irq_first = 0;
	std::atomic<std::uint8_t> irq_count{ 0 };
	std::atomic<bool> irq_lock{ false }; ///< free mode
};

/// The CPU that the calling context holds; nullptr outside of a run. initial-exec: a fibre may go
/// on on another OS thread in free mode, so the address must not be kept across a hand-over.
extern thread_local constinit Cpu *t_cpu __attribute__((tls_model("initial-exec")));

/// Sanitizers take the address of t_cpu for their checks, once for several uses: not here.
#if LAZYMM_TSAN || LAZYMM_ASAN
__attribute__((noinline, no_sanitize("thread", "address")))
#endif
inline Cpu &
this_cpu()
{
	return *t_cpu;
}

} // namespace lazymm::machine
