// SPDX-License-Identifier: MIT
// After kernel/sched/membarrier.c, Linux 6.12. Differs: no allocation that could fail; nohz_full is
// off; restartable sequences do not exist, so that RSEQ is its barrier and no more; a read of
// rq->curr carries no address dependency (the machine would make an acquire of it, stronger than
// what (c) needs).
#include "core/kernel/membarrier.h"

#include <bit>

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
namespace state = membarrier_state;

int ready_bit(MembarrierCmd cmd)
{
	switch (cmd) {
	case MembarrierCmd::sync_core:
		return state::sync_core_ready;
	case MembarrierCmd::rseq:
		return state::rseq_ready;
	default:
		return state::private_expedited_ready;
	}
}

unsigned num_online_cpus()
{
	return std::popcount(cpu_online_mask());
}

// --- IPI handlers ---

void ipi_mb(void *)
{
	smp_mb("ipi_mb: IPIs should be serializing but paranoid");
}

struct sync_core_info {
	void (*sync)(void *membarrier);
	void *membarrier;
};

void ipi_sync_core(void *info)
{
	auto &i = *static_cast<sync_core_info *>(info);
	smp_mb("ipi_sync_core: before sync_core, which may come after (c)");
	i.sync(i.membarrier);
}

void ipi_rseq(void *)
{
	smp_mb("ipi_rseq: caller's stores before current goes on");
}
} // namespace

const char *name(MembarrierCmd cmd)
{
	constexpr const char *names[] = { "private",	  "global-expedited", "sync-core",
					  "rseq",	  "global",	      "query",
					  "registrations" };
	return names[static_cast<unsigned>(cmd)];
}

// --- what it reads of other CPUs ---

void Membarrier::read_lock()
{
	rcu_read_lock();
}

void Membarrier::read_unlock()
{
	rcu_read_unlock();
}

mm_ref Membarrier::curr_mm(unsigned cpu)
{
	// rcu_dereference()
	task_ref p = READ_ONCE(kernel().cpu_rq(cpu).curr);
	if (!p)
		return {};
	mm_ref mm = READ_ONCE(p->mm);
	p.still_there();
	return mm;
}

bool Membarrier::global_wants(unsigned cpu)
{
	if (!(READ_ONCE(kernel().cpu_rq(cpu).membarrier_state) & state::global_expedited))
		return false;
	// Not a kernel thread that uses no mm.
	return bool(curr_mm(cpu));
}

bool Membarrier::alone(mm_ref mm)
{
	return atomic_read(mm->mm_users) == 1 || num_online_cpus() == 1;
}

std::uint32_t Membarrier::cpus_running(mm_ref mm)
{
	std::uint32_t mask = 0;
	read_lock();
	for (std::uint32_t left = cpu_online_mask(); left; left &= left - 1) {
		unsigned cpu = std::countr_zero(left);
		if (curr_mm(cpu) == mm)
			mask |= 1u << cpu;
	}
	read_unlock();
	return mask;
}

// --- the commands ---

int Membarrier::global_expedited()
{
	if (num_online_cpus() == 1)
		return 0;
	smp_mb("membarrier: (a) user accesses before reading rq->curr");
	mutex_lock(kernel().membarrier_ipi_mutex);
	cpus_read_lock();
	std::uint32_t mask = 0;
	read_lock();
	for (std::uint32_t left = cpu_online_mask(); left; left &= left - 1) {
		unsigned cpu = std::countr_zero(left);
		// Skipping the current CPU is OK even though we can be migrated at any point.
		if (cpu != smp_processor_id() && global_wants(cpu))
			mask |= 1u << cpu;
	}
	read_unlock();
	smp_call_function_many(mask, ipi_mb, nullptr, "membarrier global-expedited");
	cpus_read_unlock();
	smp_mb("membarrier: (c) the last IPI before user accesses");
	mutex_unlock(kernel().membarrier_ipi_mutex);
	return 0;
}

void Membarrier::send(MembarrierCmd cmd, int cpu_id, mm_ref mm)
{
	sync_core_info info{ [](void *m) { static_cast<Membarrier *>(m)->sync_core_in_ipi(); },
			     this };
	auto *handler = cmd == MembarrierCmd::sync_core ? ipi_sync_core
			: cmd == MembarrierCmd::rseq	? ipi_rseq
							: ipi_mb;
	const char *what = cmd == MembarrierCmd::sync_core ? "membarrier sync-core"
			   : cmd == MembarrierCmd::rseq	   ? "membarrier rseq"
							   : "membarrier private";
	if (cpu_id >= 0) {
		if (cpu_id >= int(this_machine().cpus()) ||
		    !READ_ONCE(kernel().hotplug[cpu_id].online))
			return;
		read_lock();
		bool runs = curr_mm(cpu_id) == mm;
		read_unlock();
		// smp_call_function_single() calls the handler if that is the calling CPU.
		if (runs)
			on_each_cpu_mask(1u << cpu_id, handler, &info, what);
		return;
	}
	std::uint32_t mask = cpus_running(mm);
	// All but SYNC_CORE may skip this CPU: (c) follows, and the scheduler has full barriers if
	// we migrate. A core sync is owed by the CPU, to whoever runs on it next.
	if (cmd == MembarrierCmd::sync_core && sync_core_everywhere())
		on_each_cpu_mask(mask, handler, &info, what);
	else
		smp_call_function_many(mask, handler, &info, what);
}

int Membarrier::private_expedited(MembarrierCmd cmd, int cpu_id)
{
	mm_ref mm = READ_ONCE(current_task().mm);
	if (!(atomic_read(mm->membarrier_state) & ready_bit(cmd)))
		return -kEPERM;
	if (!(cmd == MembarrierCmd::sync_core && sync_core_everywhere()) && alone(mm))
		return 0;
	smp_mb("membarrier: (a) user accesses before reading rq->curr");
	mutex_lock(kernel().membarrier_ipi_mutex);
	cpus_read_lock();
	send(cmd, cpu_id, mm);
	cpus_read_unlock();
	smp_mb("membarrier: (c) the last IPI before user accesses");
	mutex_unlock(kernel().membarrier_ipi_mutex);
	return 0;
}

void Membarrier::sync_core_in_ipi()
{
	core_serialised();
}

int Membarrier::call(MembarrierCmd cmd, int cpu)
{
	Kernel &k = kernel();
	mm_ref mm = READ_ONCE(current_task().mm);
	k.emit({ .kind = EventKind::membarrier_call,
		 .mm = mm,
		 .value = int(cmd) | (cpu >= 0) << 8,
		 .task = k.ref(current_task()),
		 .text = name(cmd) });
	int result = 0;
	switch (cmd) {
	case MembarrierCmd::query:
		result = 0x3ff; // all commands, and MEMBARRIER_CMD_GET_REGISTRATIONS
		break;
	case MembarrierCmd::get_registrations:
		result = registrations();
		break;
	case MembarrierCmd::global:
		if (num_online_cpus() > 1)
			synchronize_rcu();
		break;
	case MembarrierCmd::global_expedited:
		result = global_expedited();
		break;
	default:
		result = private_expedited(cmd, cpu);
		break;
	}
	k.emit({ .kind = EventKind::membarrier_return,
		 .mm = mm,
		 .count = result,
		 .value = int(cmd) | (cpu >= 0) << 8,
		 .task = k.ref(current_task()),
		 .text = name(cmd) });
	return result;
}

} // namespace lazymm::kernel
