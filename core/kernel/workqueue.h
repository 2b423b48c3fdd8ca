// SPDX-License-Identifier: MIT
// Work items, and stop_machine()'s meeting point.
#pragma once

#include "core/kernel/atomic.h"

namespace lazymm::kernel
{

struct work_item {
	void (*fn)(std::uint64_t arg) = nullptr;
	std::uint64_t arg = 0;
	machine::Clock queued;
};

struct workqueue {
	static constexpr unsigned kItems = 32;
	work_item items[kItems];
	unsigned count = 0;
};

void schedule_work(void (*fn)(std::uint64_t), std::uint64_t arg);
/// Runs all queued items, in the order that the schedule picks. Process context.
void run_work();

/// kernel/stop_machine.c: all CPUs meet with interrupts off while one of them runs a function.
struct stop_machine_state {
	Shared<int> arrived{ "stop_machine.arrived", nullptr };
	Shared<int> disabled{ "stop_machine.disabled", nullptr };
	Shared<int> done{ "stop_machine.done", nullptr };
	int expected = 0;
	unsigned target = 0;
};

} // namespace lazymm::kernel
