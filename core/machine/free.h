// SPDX-License-Identifier: MIT
// What only free mode keeps.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/machine/machine.h"

namespace lazymm::machine
{

struct Machine::Free {
	Context mains[kMaxCpus];	 ///< where each CPU's OS thread came from
	std::atomic<unsigned> idle{ 0 }; ///< CPUs whose script has ended
	/// Times that a CPU became idle or went on.
	std::atomic<std::uint32_t> changes{ 0 };
	/// What `changes` was when all were idle and this CPU looked for something to do, in vain.
	std::atomic<std::uint32_t> looked[kMaxCpus];
	std::atomic<bool> over{ false };
	std::atomic<bool> contexts_locked{ false }; ///< somebody takes or gives one back
	std::atomic<int> outcome{ 0 };
	std::atomic<std::uint32_t> moves{
		0
	}; ///< visible accesses, in batches: does anything move?
	std::uint32_t jitter[kMaxCpus] = {};
};

/// What others keep at the same time, in free mode: taken if it is contended.
class FreeLock
{
public:
	FreeLock(std::atomic<bool> &locked, bool contended) : locked_(contended ? &locked : nullptr)
	{
		while (locked_ && locked_->exchange(true, std::memory_order_acquire))
			;
	}
	~FreeLock()
	{
		if (locked_)
			locked_->store(false, std::memory_order_release);
	}
	FreeLock(const FreeLock &) = delete;
	FreeLock &operator=(const FreeLock &) = delete;

private:
	std::atomic<bool> *locked_;
};

/// The interrupt queue of a CPU, when others run at the same time.
class IrqLock : public FreeLock
{
public:
	IrqLock(Cpu &cpu, bool contended) : FreeLock(cpu.irq_lock, contended) {}
};

} // namespace lazymm::machine
