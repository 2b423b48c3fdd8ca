// SPDX-License-Identifier: MIT
// The fibers executor: stacks of its own making, switched to in user space.
//
// Built without any sanitizer. TSan keeps a shadow stack per fibre, and the exit hook of an
// instrumented function that makes the switch would pop the other fibre's.
#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <sys/mman.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include <boost/context/detail/fcontext.hpp>

#include "core/machine/cpu.h"
#include "core/machine/executor.h"

#if LAZYMM_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if LAZYMM_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace lazymm::machine
{

namespace
{

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

/// Whether a stack can be forgotten with its frames on it. ASan has poisoned parts of them and TSan
/// has them on its shadow stack, so there they are unwound.
constexpr bool kDroppable = !LAZYMM_ASAN && !LAZYMM_TSAN;
constexpr std::size_t kGuard = 4096;
constexpr std::size_t kStack = (kDroppable ? 64 : 256) * std::size_t{ 1024 };

/// A stack, and the context of the loop at its bottom, which runs one entry after the other: ASan's
/// fake stack and TSan's fibre, which cost microseconds, live as long as the loop.
struct Home : Context {
	Context *guest = nullptr; ///< whose entry runs here
	Home *next = nullptr;
	bool quit = false;
};

// A fibre may go on on another OS thread: out of line, so that the address of this thread's t_cpu
// is computed anew.
[[gnu::noinline]] void set_cpu(Cpu *cpu)
{
	t_cpu = cpu;
}

/// Where `context` is suspended. In free mode it may have been published by an OS thread that is
/// still on its stack, for a few instructions more.
fcontext_t take(Context &context)
{
	fcontext_t at = context.fcontext.load(std::memory_order_acquire);

	while (at == nullptr) [[unlikely]] {
		sched_yield();
		at = context.fcontext.load(std::memory_order_acquire);
	}
	context.fcontext.store(nullptr, std::memory_order_relaxed);
	return at;
}

void arrive([[maybe_unused]] Context &self, transfer_t came)
{
	Context &before = *static_cast<Context *>(came.data);

#if LAZYMM_ASAN
	const void *bottom;
	std::size_t size;

	__sanitizer_finish_switch_fiber(self.fake_stack, &bottom, &size);
	if (before.home == nullptr) { // adopted: only now do we learn what stack it has
		before.stack = bottom;
		before.stack_size = size;
	}
#endif
	// From here on others may resume it.
	before.fcontext.store(came.fctx, std::memory_order_release);
}

void jump(Context &from, Context &to, Edge edge, [[maybe_unused]] bool last = false)
{
	const fcontext_t at = take(to);

	from.handed_to = &to;
#if LAZYMM_ASAN
	__sanitizer_start_switch_fiber(last ? nullptr : &from.fake_stack, to.stack, to.stack_size);
#endif
#if LAZYMM_TSAN
	__tsan_switch_to_fiber(to.tsan_fiber,
			       edge == Edge::none ? __tsan_switch_to_fiber_no_sync : 0);
#else
	static_cast<void>(edge);
#endif
	arrive(from, jump_fcontext(at, &from));
}

void loop(transfer_t came) noexcept
{
	Home &home = static_cast<Home &>(*static_cast<Context *>(came.data)->handed_to);

	arrive(home, came);
	while (!home.quit) {
		Context &guest = *home.guest;

#if LAZYMM_TSAN
		__tsan_acquire(&home); // pairs with start()
#endif
		set_cpu(guest.cpu);
		try {
			guest.entry(guest.arg);
		} catch (const Unwind &) {
		}
		guest.unwinding = false;
		guest.state = Context::finished;
		jump(home, *guest.finish_to, Edge::sync);
	}
	jump(home, *home.finish_to, Edge::sync, true);
	std::abort(); // nobody resumes it
}

// The switch saves and loads the floating point control word with its sticky flags, and the CPU
// takes 60 ns instead of 4 for a word that differs from the one before. So all begin without flags.
void clear_fp_flags()
{
#ifdef __SSE__
	const unsigned word = _mm_getcsr();

	if (word & _MM_EXCEPT_MASK)
		_mm_setcsr(word & ~_MM_EXCEPT_MASK);
#endif
}

fcontext_t bottom_of(const Home &home)
{
	clear_fp_flags();

	auto *stack = static_cast<unsigned char *>(const_cast<void *>(home.stack));

	return make_fcontext(stack + home.stack_size, home.stack_size, loop);
}

class Fibers final : public Executor
{
public:
	~Fibers() override;
	void start(Context &context, void (*entry)(void *), void *arg) override;
	void transfer(Context &from, Context &to, Edge edge) override;
	void retire(Context &self, Context &context) override;
	void adopt(Context &self) override;
	void release(Context &) override {}
	void pin(bool) override {}

private:
	Home *make_home();

	std::atomic<Home *> homes_{ nullptr };
};

Home *Fibers::make_home()
{
	void *memory = mmap(nullptr, kGuard + kStack, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory, kGuard, PROT_NONE) != 0) {
		std::perror("lazymm: no memory for another fibre's stack");
		std::abort();
	}

	Home *home = new Home;

	home->home = home;
	home->stack = static_cast<unsigned char *>(memory) + kGuard;
	home->stack_size = kStack;
	home->fcontext.store(bottom_of(*home), std::memory_order_relaxed);
#if LAZYMM_TSAN
	home->tsan_fiber = __tsan_create_fiber(0);
#endif
	home->next = homes_.load(std::memory_order_relaxed);
	while (!homes_.compare_exchange_weak(home->next, home, std::memory_order_acq_rel))
		;
	return home;
}

Fibers::~Fibers()
{
	Context self;

	adopt(self);
	for (Home *home = homes_.load(std::memory_order_acquire), *next; home; home = next) {
		next = home->next;
		// A context that is still suspended keeps its loop from ending; its memory goes all
		// the same.
		if (!kDroppable && home->fcontext.load(std::memory_order_acquire)) {
			home->quit = true;
			home->finish_to = &self;
			jump(self, *home, Edge::sync);
		}
#if LAZYMM_TSAN
		__tsan_destroy_fiber(home->tsan_fiber);
#endif
		munmap(static_cast<unsigned char *>(const_cast<void *>(home->stack)) - kGuard,
		       kGuard + kStack);
		delete home;
	}
}

void Fibers::start(Context &context, void (*entry)(void *), void *arg)
{
	Home *home = static_cast<Home *>(context.home);

	if (home == nullptr) {
		home = make_home();
		context.home = home;
		context.stack = home->stack;
		context.stack_size = home->stack_size;
		context.tsan_fiber = home->tsan_fiber;
	}
	home->guest = &context;
	context.entry = entry;
	context.arg = arg;
	context.unwinding = false;
	context.state = Context::fresh;
	clear_fp_flags();
#if LAZYMM_TSAN
	__tsan_release(home); // pairs with loop()
#endif
}

void Fibers::transfer(Context &from, Context &to, Edge edge)
{
	if (to.state == Context::fresh) {
		to.state = Context::started;
		jump(from, *static_cast<Home *>(to.home), edge);
	} else {
		jump(from, to, edge);
	}
	set_cpu(from.cpu);
	if (from.unwinding) [[unlikely]]
		throw Unwind{};
}

void Fibers::retire(Context &self, Context &context)
{
	if (context.state == Context::started) {
		if (kDroppable) {
			Home &home = *static_cast<Home *>(context.home);

			take(context); // nobody is on its stack any more
			home.fcontext.store(bottom_of(home), std::memory_order_relaxed);
		} else {
			context.unwinding = true;
			context.cpu = self.cpu;
			context.finish_to = &self;
			jump(self, context, Edge::sync);
			set_cpu(self.cpu);
		}
	}
	context.state = Context::finished;
}

void Fibers::adopt(Context &self)
{
	self.state = Context::started;
	self.unwinding = false;
#if LAZYMM_TSAN
	self.tsan_fiber = __tsan_get_current_fiber();
#endif
}

} // namespace

std::unique_ptr<Executor> make_fibers()
{
	return std::make_unique<Fibers>();
}

} // namespace lazymm::machine
