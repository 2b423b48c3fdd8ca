// SPDX-License-Identifier: MIT
// Free mode: an OS thread per CPU, truly in parallel on the host's memory; for TSan and for stress.
// Scripts as in a stepped run; where CPUs meet is up to the host and a little jitter. A deadlock
// cannot be proven here, only suspected: Outcome::stuck.
#include "core/machine/free.h"

#include <ctime>
#include <sched.h>

#include <thread>

#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

namespace
{
/// Pauses of a waiting CPU while nobody moves before the run is called stuck: first it yields, then
/// it sleeps a little each time, so that others get on whatever else the host has to do.
constexpr unsigned kYields = 500;
constexpr unsigned kPatience = kYields + 500;
/// Visible accesses, in batches, before the run is cut off: as with kMaxAccesses, a bound and not a
/// proof. Waits that spin make none, so it is far away.
constexpr std::uint32_t kMaxMoves = 8 * Machine::kMaxAccesses / 16;

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
	f.changes = 1;
	for (auto &looked : f.looked)
		looked = 0;
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
	if ((r & 15) == 0 && free_->moves.fetch_add(1, std::memory_order_relaxed) == kMaxMoves)
		free_finish(Outcome::limit);
	if ((r & 63) == 1)
		sched_yield();
	if ((r & 255) == 2)
		raise(cpu.index, &Machine::tick_irq, r & 256 ? this : nullptr);
	take_irqs(true);
}

/// A CPU that waits in free mode, until something happens or the run is over.
class Machine::FreeWait
{
public:
	FreeWait(Machine &machine, const Wait &wait)
		: machine_(machine), free_(*machine.free_), wait_(wait),
		  moves_(free_.moves.load(std::memory_order_relaxed))
	{
	}

	/// What Machine::wait() returns.
	bool wait()
	{
		for (;;) {
			const std::uint32_t before = free_.changes.load();
			if (machine_.irq_deliverable(this_cpu())) {
				leave_idle();
				machine_.take_irqs(true);
			}
			if (wait_.ready(wait_.arg)) {
				leave_idle();
				return true;
			}
			if (free_.over.load(std::memory_order_relaxed))
				machine_.free_finish(Outcome::completed);
			if (something_to_run()) {
				leave_idle();
				return false;
			}
			if (idle_)
				nothing_to_do(before);
			else if (wait_.idle)
				become_idle();
			pause();
		}
	}

private:
	void become_idle()
	{
		idle_ = true;
		free_.idle.fetch_add(1);
		free_.changes.fetch_add(1);
	}

	void leave_idle()
	{
		if (!idle_)
			return;
		idle_ = false;
		free_.idle.fetch_sub(1);
		free_.changes.fetch_add(1);
	}

	/// Half-done tasks, and work for which a CPU has to be idle: the kernel looks how it waits.
	bool something_to_run()
	{
		Cpu &cpu = this_cpu();
		if (!(wait_.idle || wait_.sleeps) || cpu.irqs_off || cpu.preempt_count ||
		    !machine_.unfinished)
			return false;
		cpu.wait = &wait_;
		const bool found = machine_.unfinished(machine_, cpu.index);
		cpu.wait = nullptr;
		return found;
	}

	/// The run is over when every CPU has looked since the last of them became idle: an idle
	/// CPU changes nothing, so what they saw is still so.
	void nothing_to_do(std::uint32_t since)
	{
		const unsigned cpus = machine_.settings_.cpus;
		if (free_.idle.load() != cpus || free_.changes.load() != since)
			return;
		free_.looked[this_cpu().index].store(since);
		for (unsigned i = 0; i < cpus; i++)
			if (free_.looked[i].load() != since)
				return;
		const bool hung = machine_.hung && machine_.hung(machine_);
		machine_.free_finish(hung ? Outcome::stuck : Outcome::completed);
	}

	/// Lets others run. Ends the run if nobody seems to.
	void pause()
	{
		const std::uint32_t now = free_.moves.load(std::memory_order_relaxed);
		if (now != moves_) {
			moves_ = now;
			waited_ = 0;
		} else if (++waited_ == kPatience) {
			machine_.free_finish(Outcome::stuck);
		}
		if (waited_ < kYields) {
			sched_yield();
		} else {
			const timespec nap{ .tv_sec = 0, .tv_nsec = 1'000'000 };
			nanosleep(&nap, nullptr);
		}
	}

	Machine &machine_;
	Free &free_;
	const Wait &wait_;
	std::uint32_t moves_;
	unsigned waited_ = 0; ///< pauses since somebody moved
	bool idle_ = false;
};

bool Machine::free_wait(const Wait &wait)
{
	return FreeWait(*this, wait).wait();
}

unsigned Machine::free_pick(unsigned n)
{
	return next_random(free_->jitter[this_cpu().index]) % n;
}

} // namespace lazymm::machine
