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
	std::atomic<bool> over{ false };
	std::atomic<int> outcome{ 0 };
	std::atomic<std::uint32_t> moves{
		0
	}; ///< visible accesses, in batches: does anything move?
	std::uint32_t jitter[kMaxCpus] = {};
};

/// The interrupt queue of a CPU, when others run at the same time.
class IrqLock
{
public:
	IrqLock(Cpu &cpu, bool contended) : cpu_(contended ? &cpu : nullptr)
	{
		while (cpu_ && cpu_->irq_lock.exchange(true, std::memory_order_acquire))
			;
	}
	~IrqLock()
	{
		if (cpu_)
			cpu_->irq_lock.store(false, std::memory_order_release);
	}
	IrqLock(const IrqLock &) = delete;
	IrqLock &operator=(const IrqLock &) = delete;

private:
	Cpu *cpu_;
};

} // namespace lazymm::machine
