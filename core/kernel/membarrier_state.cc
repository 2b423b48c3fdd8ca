// SPDX-License-Identifier: MIT
// membarrier(2): registrations, and the copy of mm->membarrier_state that each rq keeps. After
// kernel/sched/membarrier.c and kernel/sched/sched.h, Linux 6.12.
#include <bit>

#include "core/kernel/kernel.h"
#include "core/kernel/membarrier.h"

namespace lazymm::kernel
{

namespace
{
namespace state = membarrier_state;

/// atomic_or(): void, unordered.
void atomic_or(int bits, Shared<int> &x)
{
	detail::rmw(x, RmwOp::bit_or, bits, Order::relaxed, nullptr);
}

struct Registration {
	const char *name;
	int set, ready;
};

// In the order of MembarrierReg.
constexpr Registration kRegistrations[] = {
	{ "private", state::private_expedited, state::private_expedited_ready },
	{ "global-expedited", state::global_expedited, state::global_expedited_ready },
	{ "sync-core", state::private_expedited | state::sync_core, state::sync_core_ready },
	{ "rseq", state::private_expedited | state::rseq, state::rseq_ready },
};

void ipi_sync_rq_state(void *arg)
{
	mm_ref mm = *static_cast<mm_ref *>(arg);
	if (!(READ_ONCE(current_task().mm) == mm))
		return;
	WRITE_ONCE(this_rq().membarrier_state, atomic_read(mm->membarrier_state));
	smp_mb("ipi_sync_rq_state: registration before user accesses");
}
} // namespace

const char *name(MembarrierReg reg)
{
	return kRegistrations[static_cast<unsigned>(reg)].name;
}

// --- the copy in rq ---

void Membarrier::switch_mm(rq &rq, mm_ref prev, mm_ref next)
{
	if (prev == next)
		return;
	int state = atomic_read(next->membarrier_state);
	if (READ_ONCE(rq.membarrier_state) != state)
		WRITE_ONCE(rq.membarrier_state, state);
}

void Membarrier::update_current_mm(mm_ref next)
{
	rq &rq = this_rq();
	int state = next ? atomic_read(next->membarrier_state) : 0;
	if (READ_ONCE(rq.membarrier_state) != state)
		WRITE_ONCE(rq.membarrier_state, state);
}

void Membarrier::exec_mmap(mm_ref mm)
{
	smp_mb("membarrier_exec_mmap: (D1') user accesses before ->mm");
	WRITE_ONCE(mm->membarrier_state, 0);
	WRITE_ONCE(this_rq().membarrier_state, 0);
}

void Membarrier::sync_core_before_usermode(mm_ref prev_mm)
{
	if (!(current_task().mm.here() == prev_mm)) // our own: nobody else writes it
		return;
	if (atomic_read(prev_mm->membarrier_state) & state::sync_core)
		core_serialised();
}

// --- registration ---

void Membarrier::wait_for_schedulers()
{
	synchronize_rcu();
}

void Membarrier::sync_runqueues(mm_ref mm)
{
	int state = atomic_read(mm->membarrier_state);
	if (alone_to_register(mm)) {
		// this_cpu_write()
		WRITE_ONCE(this_rq().membarrier_state, state);
		smp_mb("sync_runqueues: registration before user accesses");
		return;
	}
	wait_for_schedulers();
	mutex_lock(kernel().membarrier_ipi_mutex);
	cpus_read_lock();
	std::uint32_t mask = cpus_running(mm);
	on_each_cpu_mask(mask, ipi_sync_rq_state, &mm, "membarrier registration");
	cpus_read_unlock();
	mutex_unlock(kernel().membarrier_ipi_mutex);
}

int Membarrier::register_mm(MembarrierReg reg)
{
	const Registration &r = kRegistrations[static_cast<unsigned>(reg)];
	mm_ref mm = READ_ONCE(current_task().mm);
	if (!(atomic_read(mm->membarrier_state) & r.ready)) {
		atomic_or(r.set, mm->membarrier_state);
		sync_runqueues(mm);
		atomic_or(r.ready, mm->membarrier_state);
	}
	kernel().emit({ .kind = EventKind::membarrier_registered,
			.mm = mm,
			.value = int(reg),
			.task = kernel().ref(current_task()),
			.text = r.name });
	return 0;
}

int Membarrier::registrations()
{
	mm_ref mm = READ_ONCE(current_task().mm);
	int bits = atomic_read(mm->membarrier_state), mask = 0;
	for (unsigned i = 0; i < std::size(kRegistrations); i++) {
		const Registration &r = kRegistrations[i];
		// SYNC_CORE and RSEQ set PRIVATE_EXPEDITED too, so that 6.12 tells of a
		// registration for it, though the command itself is refused.
		const int own = r.set & ~(i > 1 ? state::private_expedited : 0);
		if (bits & (own | r.ready))
			mask |= 1 << i;
	}
	return mask;
}

} // namespace lazymm::kernel
