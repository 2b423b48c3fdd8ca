// SPDX-License-Identifier: MIT
// A while of one scenario of membarrier(2): a thread that calls, and siblings on CPUs of their own.
#pragma once

#include "fuzz/lazymm/host_system.h"
#include "fuzz/lazymm/interrupt.h"

#include <memory>
#include <thread>

#include <sys/resource.h>

#ifdef SYS_membarrier

namespace lazymm::command::host
{

enum class Scenario { a, b };
enum class Path { running, idle, other };

struct Config {
	int command; ///< 0: none, to see whether the scenario shows anything without
	Scenario scenario;
	Path path;
};

/// What one sibling writes, away from the others.
struct Sibling {
	alignas(64) std::atomic<std::uint64_t> y{ 0 };
	/// The first round of its own in which it saw the sender's newest x, and that x.
	alignas(64) std::atomic<std::uint64_t> first{ 0 };
	std::atomic<std::uint64_t> seen{ 0 };
	alignas(64) std::atomic<std::uint64_t> data{ 0 };
	alignas(64) std::atomic<std::uint64_t> flag{ 0 };
	alignas(64) std::atomic<int> asleep{ 0 };
	alignas(64) std::atomic<bool> up{ false };
	std::atomic<bool> stop{ false };
	std::uint64_t switches = 0; ///< to be read after the end
};

struct Counts {
	std::uint64_t rounds = 0, forbidden = 0, switches = 0;
	long calls = 0; ///< IPIs
	bool calls_known = true;
};

/// xorshift: bursts of another length each time.
inline std::uint32_t draw(std::uint32_t &state)
{
	state ^= state << 13;
	state ^= state >> 17;
	return state ^= state << 5;
}

class Slice
{
public:
	Slice(const Shared &shared, Config config, Clock::time_point end)
		: shared_(shared), config_(config), end_(end)
	{
	}
	~Slice() { join(); }
	Slice(const Slice &) = delete;
	Slice &operator=(const Slice &) = delete;

	Sibling &start(int cpu)
	{
		siblings_.push_back(std::make_unique<Sibling>());
		Sibling &sibling = *siblings_.back();
		threads_.emplace_back([this, cpu, &sibling] { run(cpu, sibling); });
		while (!sibling.up.load(std::memory_order_relaxed))
			sched_yield();
		return sibling;
	}
	bool over() const
	{
		return shared_.stop.load(std::memory_order_relaxed) || Interrupt::raised() ||
		       Clock::now() >= end_;
	}
	/// One call, and what every sibling makes of it. False if the time ended before.
	bool round(Counts &counts)
	{
		wake_all();
		delay();
		return config_.scenario == Scenario::a ? round_a(counts) : round_b(counts);
	}
	void set_command(int command) { config_.command = command; }
	/// The first thread that started ends, and its sibling stays.
	void end_first()
	{
		siblings_.front()->stop.store(true, std::memory_order_relaxed);
		threads_.front().join();
		threads_.erase(threads_.begin());
		siblings_.erase(siblings_.begin());
	}
	void join()
	{
		for (const auto &sibling : siblings_) {
			sibling->stop.store(true);
			sibling->asleep.store(0);
			futex_wake(sibling->asleep);
		}
		for (std::thread &thread : threads_)
			thread.join();
		threads_.clear();
	}
	const std::vector<std::unique_ptr<Sibling>> &siblings() const { return siblings_; }

private:
	void call() const
	{
		barrier();
		if (config_.command != 0)
			membarrier(config_.command);
		barrier();
	}

	void pause(Sibling &me, std::uint32_t &burst, std::uint32_t &random) const
	{
		if (config_.path == Path::running || burst-- != 0)
			return;
		burst = draw(random) % 128;
		if (config_.path == Path::other) {
			sched_yield();
			return;
		}
		// Against join(): either it is seen to stop, or this is undone.
		me.asleep.store(1);
		while (!me.stop.load() && me.asleep.load(std::memory_order_relaxed))
			futex_wait(me.asleep, 1);
	}

	/// Those that sleep come back while the sender calls.
	void wake_all()
	{
		if (config_.path != Path::idle)
			return;
		for (const auto &sibling : siblings_) {
			if (sibling->asleep.exchange(0, std::memory_order_relaxed))
				futex_wake(sibling->asleep);
		}
	}

	/// Goes on all the time, so that every call of the sender hits it in the middle.
	void run(int cpu, Sibling &me)
	{
		pin(cpu);
		std::uint64_t n = 0, seen = 0;
		std::uint32_t burst = 0, random = 0x9e3779b9u + static_cast<std::uint32_t>(cpu);
		me.up.store(true, std::memory_order_relaxed);
		while (!me.stop.load(std::memory_order_relaxed)) {
			n++;
			if (config_.scenario == Scenario::a) {
				me.y.store(n, std::memory_order_relaxed);
				barrier();
				const auto x = x_.load(std::memory_order_relaxed);
				if (x != seen) {
					seen = x;
					me.first.store(n, std::memory_order_relaxed);
					me.seen.store(x, std::memory_order_release);
				}
			} else {
				me.data.store(n, std::memory_order_relaxed);
				barrier();
				me.flag.store(n, std::memory_order_relaxed);
			}
			pause(me, burst, random);
		}
		rusage usage{};
		getrusage(RUSAGE_THREAD, &usage);
		me.switches = static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
	}

	/// x = 1; membarrier(); r1 = y || y = 1; barrier(); r2 = x. Forbidden: both 0. Here y
	/// counts: the sender saw y as of round n, so that a sibling's round after n has to see x.
	bool round_a(Counts &counts)
	{
		x_.store(++k_, std::memory_order_relaxed);
		call();
		for (const auto &sibling : siblings_)
			y_.push_back(sibling->y.load(std::memory_order_relaxed));
		bool done = true;
		for (std::size_t i = 0; done && i < siblings_.size(); i++) {
			const Sibling &it = *siblings_[i];
			while (done && it.seen.load(std::memory_order_acquire) != k_) {
				done = !over();
				wake_all();
			}
			if (!done)
				break;
			counts.rounds++;
			counts.forbidden += it.first.load(std::memory_order_relaxed) > y_[i] + 1;
		}
		y_.clear();
		return done;
	}

	/// r1 = flag; membarrier(); r2 = data || data = 1; barrier(); flag = 1. Forbidden: r1 = 1
	/// and r2 = 0.
	bool round_b(Counts &counts)
	{
		for (const auto &sibling : siblings_)
			y_.push_back(sibling->flag.load(std::memory_order_relaxed));
		call();
		for (std::size_t i = 0; i < siblings_.size(); i++) {
			counts.rounds++;
			counts.forbidden +=
				siblings_[i]->data.load(std::memory_order_relaxed) < y_[i];
		}
		y_.clear();
		return true;
	}

	/// So that calls meet the sibling's sleep and wake-up everywhere.
	void delay()
	{
		if (config_.path == Path::running)
			return;
		for (std::uint32_t i = draw(random_) % 8192; i > 0; i--)
			barrier();
	}

	const Shared &shared_;
	Config config_;
	Clock::time_point end_;
	std::uint64_t k_ = 0;
	std::uint32_t random_ = 88172645;
	std::vector<std::uint64_t> y_;
	std::vector<std::unique_ptr<Sibling>> siblings_;
	std::vector<std::thread> threads_;
	alignas(64) std::atomic<std::uint64_t> x_{ 0 };
};

} // namespace lazymm::command::host

#endif
