// SPDX-License-Identifier: MIT
// Free mode: an OS thread per CPU, truly in parallel on the host's memory; for TSan and for stress.
// Scripts as in a stepped run; where CPUs meet is up to the host and a little jitter. A deadlock
// cannot be proven here, only suspected: Outcome::stuck.
#include "core/machine/free.h"

#include <sched.h>

#include <thread>

#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

namespace
{
/// Times that a waiting CPU yields while nobody moves before the run is called stuck.
constexpr unsigned kPatience = 200000;

std::uint32_t next_random(std::uint32_t &state)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}
} // namespace

Outcome Machine::run_free(Context *const first[])
{
	Free &f = *free_;
	f.idle = 0;
	f.over = false;
	f.outcome = static_cast<int>(Outcome::completed);
	f.moves = 0;
	std::uint32_t seed = settings_.policy ? settings_.policy->pick(cpus_[0], 1u << 30) : 0;
	std::thread threads[kMaxCpus];
	executor_->pin(false);
	for (unsigned i = 0; i < settings_.cpus; i++) {
		f.jitter[i] = seed * 2654435761u + i * 40503u + 1;
		threads[i] = std::thread([this, i, first] {
			Context &main = free_->mains[i];
			first[i]->finish_to = &main;
			executor_->adopt(main);
			executor_->transfer(main, *first[i], Edge::sync);
			executor_->release(main);
		});
	}
	for (unsigned i = 0; i < settings_.cpus; i++)
		threads[i].join();
	executor_->pin(true);
	return static_cast<Outcome>(f.outcome.load());
}

void Machine::free_finish(Outcome outcome)
{
	int expected = static_cast<int>(Outcome::completed);
	free_->outcome.compare_exchange_strong(expected, static_cast<int>(outcome));
	free_->over.store(true, std::memory_order_release);
	Cpu &cpu = this_cpu();
	cpu.context->finish_to = &free_->mains[cpu.index];
	throw Unwind{};
}

void Machine::free_stop(Cpu &cpu)
{
	if (free_->over.load(std::memory_order_relaxed))
		free_finish(Outcome::completed);
	cpu.activity.count++;
	std::uint32_t r = next_random(free_->jitter[cpu.index]);
	if ((r & 15) == 0)
		free_->moves.fetch_add(1, std::memory_order_relaxed);
	if ((r & 63) == 1)
		sched_yield();
	if ((r & 255) == 2)
		raise(cpu.index, &Machine::tick_irq, r & 256 ? this : nullptr);
	take_irqs(true);
}

bool Machine::free_wait(const Wait &wait)
{
	Free &f = *free_;
	unsigned patience = kPatience;
	std::uint32_t moves = f.moves.load(std::memory_order_relaxed);
	bool counted = false;
	// Half-done tasks, and work for which a CPU has to be idle: the kernel looks how it waits.
	auto something_to_run = [&] {
		Cpu &cpu = this_cpu();
		if (!(wait.idle || wait.sleeps) || cpu.irqs_off || cpu.preempt_count || !unfinished)
			return false;
		cpu.wait = &wait;
		const bool found = unfinished(*this, cpu.index);
		cpu.wait = nullptr;
		return found;
	};
	auto leave_idle = [&] {
		if (counted)
			f.idle.fetch_sub(1);
		counted = false;
	};
	for (;;) {
		if (irq_deliverable(this_cpu())) {
			leave_idle();
			take_irqs(true);
		}
		if (wait.ready(wait.arg)) {
			leave_idle();
			break;
		}
		if (f.over.load(std::memory_order_relaxed))
			free_finish(Outcome::completed);
		if (something_to_run()) {
			leave_idle();
			return false;
		}
		if (wait.idle && !counted) {
			counted = true;
			f.idle.fetch_add(1);
		}
		if (counted && f.idle.load() == settings_.cpus) {
			bool pending = false;
			for (unsigned i = 0; i < settings_.cpus; i++)
				pending |= cpus_[i].irq_count.load() != 0;
			if (!pending)
				free_finish(Outcome::completed);
		}
		std::uint32_t now = f.moves.load(std::memory_order_relaxed);
		if (now != moves) {
			moves = now;
			patience = kPatience;
		} else if (!wait.idle && --patience == 0) {
			free_finish(Outcome::stuck);
		}
		sched_yield();
	}
	return true;
}

unsigned Machine::free_pick(unsigned n)
{
	return next_random(free_->jitter[this_cpu().index]) % n;
}

} // namespace lazymm::machine
