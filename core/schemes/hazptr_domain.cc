// SPDX-License-Identifier: MIT
#include "core/schemes/hazptr_domain.h"

namespace lazymm::schemes
{
using namespace kernel;

hazptr_domain::hazptr_domain()
{
	for (unsigned i = 0; i < kMaxCpus; i++)
		slots_[i].owner.number = i;
}

void hazptr_domain::reset()
{
	for (hazptr_slot &slot : slots_)
		slot.addr.init({});
}

// --- readers ---

bool hazptr_domain::try_protect(mm_ref mm)
{
	if (READ_ONCE(this_slot()))
		return false;
	WRITE_ONCE(this_slot(), mm);
	return true;
}

mm_ref hazptr_domain::load_try_protect(const Shared<mm_ref> &from)
{
	mm_ref mm = READ_ONCE(from);
	while (mm) {
		if (!try_protect(mm))
			return {};
		smp_mb("hazptr_load_try_protect: (O11) slot before the pointer again");
		// rcu_dereference(); the same address may be another mm by now, and is protected.
		mm_ref again = smp_load_acquire(from, "hazptr_load_try_protect: again");
		if (again == mm)
			return again;
		retire();
		mm = again;
	}
	return {};
}

void hazptr_domain::retire()
{
	smp_store_release(this_slot(), nullptr, "hazptr_retire: (O5) last use before NULL");
}

void hazptr_domain::this_cpu_clear()
{
	preempt_disable(); // one instruction
	WRITE_ONCE(this_slot(), nullptr);
	preempt_enable();
}

// --- who frees ---

void hazptr_domain::begin_scan()
{
	// lockdep_assert_preemption_enabled(), since v3.
	WARN_ON(this_cpu().preempt_count || this_cpu().irqs_off, "hazptr_scan: preemption is off");
	smp_mb("hazptr_scan: (O11) unpublished before the slots");
}

bool hazptr_domain::protects(unsigned cpu, mm_ref mm)
{
	return smp_load_acquire(slot(cpu), "hazptr_scan: (O6) slot") == mm;
}

void hazptr_domain::wait(unsigned cpu, mm_ref mm)
{
	struct Waiter {
		Shared<mm_ref> &slot;
		mm_ref mm;
	} waiter{ slot(cpu), mm };
	auto retired = [](void *arg) {
		auto *w = static_cast<Waiter *>(arg);
		return !(w->slot.peek() == w->mm);
	};
	// As posted it spins. With preemption on that keeps nobody from the CPU.
	bool atomic = this_cpu().preempt_count || this_cpu().irqs_off;
	while (protects(cpu, mm))
		(atomic ? spin_until : sleep_until)(retired, &waiter, "hazptr_scan: slot",
						    Where::current());
}

} // namespace lazymm::schemes
