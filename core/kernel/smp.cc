// SPDX-License-Identifier: MIT
// IPIs with a wait. After kernel/smp.c, Linux 6.12. Sending is a release, the handler's entry an
// acquire (Machine::raise), the acknowledgement a release, the wait an acquire: not a full barrier.
#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
struct call_single_data {
	void (*fn)(void *) = nullptr;
	void *arg = nullptr;
	Shared<int> done{ "csd.done", nullptr };
};

void run_csd(void *arg)
{
	auto &csd = *static_cast<call_single_data *>(arg);
	csd.fn(csd.arg);
	smp_store_release(csd.done, 1, "IPI: acknowledge");
}
} // namespace

void smp_call_function_many(std::uint32_t mask, void (*fn)(void *), void *arg, const char *what)
{
	Machine &machine = this_machine();
	call_single_data csd[kMaxCpus];
	// lockdep_assert_irqs_enabled(), WARN_ON_ONCE(!in_task()): two that wait for each other.
	constexpr unsigned deaf = context::hardirq | context::softirq | context::irqs_off;
	if (unsigned bits = context_bits(); bits & deaf) [[unlikely]]
		kernel().emit({ .kind = EventKind::ipi_wait_context, .value = int(bits) });
	preempt_disable();
	mask &= ~(1u << smp_processor_id());
	for (unsigned i = 0; i < machine.cpus(); i++) {
		if (!(mask >> i & 1))
			continue;
		csd[i].fn = fn;
		csd[i].arg = arg;
		kernel().emit({ .kind = EventKind::ipi, .value = int(i), .text = what });
		machine.raise(i, &run_csd, &csd[i]);
	}
	for (unsigned i = 0; i < machine.cpus(); i++) {
		if (!(mask >> i & 1))
			continue;
		auto acked = [](void *arg) {
			return static_cast<call_single_data *>(arg)->done.peek() != 0;
		};
		do
			spin_until(acked, &csd[i], "IPI acknowledgement");
		while (!smp_load_acquire(csd[i].done, "IPI: wait for acknowledgement"));
	}
	preempt_enable();
}

void on_each_cpu_mask(std::uint32_t mask, void (*fn)(void *), void *arg, const char *what)
{
	preempt_disable();
	smp_call_function_many(mask, fn, arg, what);
	if (mask >> smp_processor_id() & 1) {
		local_irq_disable();
		fn(arg);
		local_irq_enable();
	}
	preempt_enable();
}

std::uint32_t cpu_online_mask()
{
	std::uint32_t mask = 0;
	for (unsigned i = 0; i < this_machine().cpus(); i++)
		mask |= std::uint32_t(READ_ONCE(kernel().hotplug[i].online)) << i;
	return mask;
}

} // namespace lazymm::kernel
