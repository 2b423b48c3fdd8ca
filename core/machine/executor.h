// SPDX-License-Identifier: MIT
// Executors: how a context (a task's stack) is run. Two behind one small interface: `fibers` keeps
// user-level stacks on the caller's OS thread, `threads` an OS thread per context.
//
// The hand-over is invisible to TSan where it is between two CPUs (Edge::none): TSan still reports
// a race between two stepped CPUs although they never ran at the same instant. Between two tasks of
// one CPU, and into and out of a run, it is a happens-before edge (Edge::sync).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace lazymm::machine
{

struct Cpu;

enum class Engine : std::uint8_t { fibers, threads };
enum class Edge : std::uint8_t { none, sync };

/// Thrown through a context's frames to clear its stack, where stacks cannot simply be dropped.
/// Kernel code lets it pass.
struct Unwind {
};

struct Context {
	enum State : std::uint8_t { fresh, started, finished };

	void (*entry)(void *arg) = nullptr;
	void *arg = nullptr;
	Cpu *cpu = nullptr; ///< the CPU that it was given when last handed to
	std::uint8_t index = 0;
	State state = finished;
	bool unwinding = false;	      ///< the next return from transfer() throws Unwind
	Context *finish_to = nullptr; ///< who goes on when entry has returned (read only then)

	// The executor's own.
	void *home = nullptr; ///< the stack or OS thread that it keeps for this context
	// fibers
	std::atomic<void *> fcontext{ nullptr }; ///< where it is suspended; nullptr while it runs
	Context *handed_to = nullptr;		 ///< whom it handed to last
	const void *stack = nullptr;		 ///< lowest address
	std::size_t stack_size = 0;
	void *fake_stack = nullptr; ///< ASan
	void *tsan_fiber = nullptr;
	// threads
	std::atomic<std::uint32_t> baton{ 0 }; ///< 1: may run
	Edge edge = Edge::none;		       ///< of the hand-over that set the baton
};

/// Contexts are the caller's and may go before the executor, but finished: it keeps what it made
/// for them. In free mode several OS threads may be in here at once, each with contexts of its own;
/// a context may be handed to before it has left the CPU that it is about to give up. No hand-over
/// within a catch block: what C++ keeps of it belongs to the OS thread.
class Executor
{
public:
	virtual ~Executor() = default;

	/// Makes `context` ready to run entry(arg) when first transferred to. Happens before entry,
	/// whatever the edge of that transfer. O(1), no allocation after the first use of a
	/// context. Not for one that is started and not finished.
	virtual void start(Context &context, void (*entry)(void *), void *arg) = 0;
	/// Suspends `from` (the caller's) and runs `to`, another one; returns when somebody
	/// transfers back. A context that goes on finds t_cpu set to its `cpu`. Throws Unwind if
	/// `from` is to be unwound.
	virtual void transfer(Context &from, Context &to, Edge edge) = 0;
	/// Makes a suspended or fresh context finished, as it will not be run again; `self` is the
	/// caller's. Stacks of plain fibers are dropped, otherwise its destructors run, on self's
	/// CPU: they must not transfer. An edge of kind sync.
	virtual void retire(Context &self, Context &context) = 0;
	/// Makes `self` the context of the calling OS thread, which nobody made, until release() by
	/// the same thread. May bind the thread to a core (threads, 1 us).
	virtual void adopt(Context &self) = 0;
	virtual void release(Context &self) = 0;
	/// Threads only: whether all share the core that the executor was made on (the default: a
	/// hand-over costs 1-2 us there and 30 us between cores) or run in parallel. Between runs,
	/// before adopt().
	virtual void pin(bool on) = 0;
};

std::unique_ptr<Executor> make_fibers();
std::unique_ptr<Executor> make_threads();

/// Blocks the calling OS thread until `word` differs from `value` / wakes its waiters. Without
/// happens-before for TSan.
void futex_wait(std::atomic<std::uint32_t> &word, std::uint32_t value);
void futex_wake(std::atomic<std::uint32_t> &word);

} // namespace lazymm::machine
