// SPDX-License-Identifier: MIT
// The threads executor: an OS thread per context, and a baton per context that says it may run.
//
// Built without any sanitizer: to TSan the baton, handed on by raw futex calls, is no edge.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <sched.h>

#include "core/machine/cpu.h"
#include "core/machine/executor.h"

#if LAZYMM_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace lazymm::machine
{

namespace
{

constexpr std::size_t kStack = (LAZYMM_ASAN || LAZYMM_TSAN ? 1024 : 256) * std::size_t{ 1024 };

/// Lets `to` run. It may be running, finished and gone before this returns.
void hand(Context &to, Edge edge)
{
	to.edge = edge;
#if LAZYMM_TSAN
	if (edge == Edge::sync)
		__tsan_release(&to.baton);
#endif
	to.baton.store(1, std::memory_order_release);
	futex_wake(to.baton);
}

/// Until somebody has handed to `self`, be it before we came here.
void await(Context &self)
{
	futex_wait(self.baton, 0);
	self.baton.store(0, std::memory_order_relaxed);
#if LAZYMM_TSAN
	// Not the baton's own history: one that came without an edge must not bring an older one.
	if (self.edge == Edge::sync)
		__tsan_acquire(&self.baton);
#endif
}

/// An OS thread, which runs one entry after the other, and the context that it is between them.
struct Home : Context {
	Context *guest = nullptr; ///< whose entry runs here
	Home *next = nullptr;
	pthread_t thread{};
	std::atomic<bool> busy{ false };
	bool quit = false;
};

void *loop(void *arg) noexcept
{
	Home &home = *static_cast<Home *>(arg);

	for (await(home); !home.quit; await(home)) {
		Context &guest = *home.guest;

#if LAZYMM_TSAN
		__tsan_acquire(&home.guest); // pairs with start()
#endif
		t_cpu = guest.cpu;
		try {
			guest.entry(guest.arg);
		} catch (const Unwind &) {
		}
		guest.unwinding = false;
		guest.state = Context::finished;
		home.busy.store(false, std::memory_order_relaxed);
		hand(*guest.finish_to, Edge::sync);
	}
	return nullptr;
}

[[noreturn]] void give_up(const char *what, int error)
{
	std::fprintf(stderr, "lazymm: %s: %s\n", what, std::strerror(error));
	std::abort();
}

class Threads final : public Executor
{
public:
	Threads();
	~Threads() override;
	void start(Context &context, void (*entry)(void *), void *arg) override;
	void transfer(Context &from, Context &to, Edge edge) override;
	void retire(Context &self, Context &context) override;
	void adopt(Context &self) override;
	void release(Context &self) override;
	void pin(bool on) override;

private:
	Home *make_home();

	cpu_set_t all_;	 ///< where the creator was allowed to run
	cpu_set_t core_; ///< where it was
	bool pinned_ = true;
	std::atomic<Home *> homes_{ nullptr };
};

// Affinity is only for speed, so nobody looks at whether it could be set.
Threads::Threads()
{
	const int core = sched_getcpu();

	pthread_getaffinity_np(pthread_self(), sizeof all_, &all_);
	core_ = all_;
	if (core >= 0) {
		CPU_ZERO(&core_);
		CPU_SET(core, &core_);
	}
}

Threads::~Threads()
{
	for (Home *home = homes_.load(std::memory_order_acquire), *next; home; home = next) {
		next = home->next;
		if (home->busy.load(std::memory_order_relaxed))
			give_up("an executor goes before its contexts were retired", EBUSY);
		home->quit = true;
		hand(*home, Edge::sync);
		pthread_join(home->thread, nullptr);
		delete home;
	}
}

Home *Threads::make_home()
{
	Home *home = new Home;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, kStack);
	pthread_attr_setaffinity_np(&attr, sizeof all_, pinned_ ? &core_ : &all_);
	if (const int error = pthread_create(&home->thread, &attr, loop, home))
		give_up("no further thread for a context", error);
	pthread_attr_destroy(&attr);
	home->next = homes_.load(std::memory_order_relaxed);
	while (!homes_.compare_exchange_weak(home->next, home, std::memory_order_acq_rel))
		;
	return home;
}

void Threads::start(Context &context, void (*entry)(void *), void *arg)
{
	if (context.home == nullptr)
		context.home = make_home();

	Home &home = *static_cast<Home *>(context.home);

	home.guest = &context;
	context.entry = entry;
	context.arg = arg;
	context.unwinding = false;
	context.state = Context::fresh;
#if LAZYMM_TSAN
	__tsan_release(&home.guest); // pairs with loop()
#endif
}

void Threads::transfer(Context &from, Context &to, Edge edge)
{
	if (to.state == Context::fresh) {
		Home &home = *static_cast<Home *>(to.home);

		to.state = Context::started;
		home.busy.store(true, std::memory_order_relaxed);
		hand(home, edge);
	} else {
		hand(to, edge);
	}
	await(from);
	t_cpu = from.cpu;
	if (from.unwinding)
		throw Unwind{};
}

void Threads::retire(Context &self, Context &context)
{
	if (context.state == Context::started) {
		context.unwinding = true;
		context.cpu = self.cpu;
		context.finish_to = &self;
		hand(context, Edge::sync);
		await(self);
		t_cpu = self.cpu;
	}
	context.state = Context::finished;
}

void Threads::adopt(Context &self)
{
	self.state = Context::started;
	self.unwinding = false;
	self.home = nullptr;
	if (!pinned_)
		return;

	auto *before = new cpu_set_t;

	pthread_getaffinity_np(pthread_self(), sizeof *before, before);
	pthread_setaffinity_np(pthread_self(), sizeof core_, &core_);
	self.home = before;
}

void Threads::release(Context &self)
{
	auto *before = static_cast<cpu_set_t *>(self.home);

	if (before == nullptr)
		return;
	pthread_setaffinity_np(pthread_self(), sizeof *before, before);
	delete before;
	self.home = nullptr;
}

void Threads::pin(bool on)
{
	if (pinned_ == on)
		return;
	pinned_ = on;
	for (Home *home = homes_.load(std::memory_order_acquire); home; home = home->next)
		pthread_setaffinity_np(home->thread, sizeof all_, on ? &core_ : &all_);
}

} // namespace

std::unique_ptr<Executor> make_threads()
{
	return std::make_unique<Threads>();
}

} // namespace lazymm::machine
