// SPDX-License-Identifier: MIT
#include "core/kernel/mm_cid.h"

#include <bit>

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
// Values of pcpu_cid: a cid; the same with kLazyPut; none.
constexpr int kUnset = -1;
constexpr int kLazyPut = 1 << 8;

bool is_valid(int cid)
{
	return cid >= 0 && !(cid & kLazyPut);
}

bool is_lazy_put(int cid)
{
	return cid >= 0 && (cid & kLazyPut);
}

void put(mm_ref mm, int cid)
{
	cid &= ~kLazyPut;
	kernel().emit({ .kind = EventKind::mm_cid_put, .mm = mm, .value = cid });
	detail::rmw(mm->cid_mask, RmwOp::bit_and, ~(1u << cid), Order::relaxed, nullptr);
}

Shared<int> &pcpu_cid(mm_ref mm, unsigned cpu)
{
	return mm->pcpu_cid[cpu];
}

/// Gives what is marked lazy back, if nobody was faster.
void put_lazy(mm_ref mm, unsigned cpu)
{
	const int cid = READ_ONCE(pcpu_cid(mm, cpu));
	if (is_lazy_put(cid) &&
	    cmpxchg(pcpu_cid(mm, cpu), cid, kUnset, "mm_cid: unset what is lazy") == cid)
		put(mm, cid);
}

bool all_used(std::uint32_t mask)
{
	return mask == (1u << this_machine().cpus()) - 1;
}

/// The first that is free.
int allocate(mm_ref mm)
{
	auto some_free = [](void *mask) {
		return !all_used(static_cast<Shared<std::uint32_t> *>(mask)->peek());
	};
	for (;;) {
		const std::uint32_t used = READ_ONCE(mm->cid_mask);
		if (all_used(used)) { // a remote clear has one of them for a moment
			spin_until(some_free, &mm->cid_mask, "mm_cid: one is free");
			continue;
		}
		const int cid = std::countr_one(used);
		const std::uint32_t old =
			detail::rmw(mm->cid_mask, RmwOp::bit_or, 1u << cid, Order::full,
				    &LAZYMM_SITE("mm_cid: allocate", rmw));
		if (!(old >> cid & 1))
			return cid;
	}
}

void get(rq &rq, task_struct &task)
{
	mm_ref mm = READ_ONCE(task.mm);
	const auto cpu = static_cast<unsigned>(rq.owner.number);
	int cid = READ_ONCE(pcpu_cid(mm, cpu));
	if (!is_valid(cid)) {
		put_lazy(mm, cpu);
		cid = allocate(mm);
		WRITE_ONCE(pcpu_cid(mm, cpu), cid);
	}
	task.mm_cid = cid;
	kernel().emit(
		{ .kind = EventKind::mm_cid, .mm = mm, .value = cid, .task = kernel().ref(task) });
}

/// Whether a thread of the mm runs on `cpu` and has a cid.
bool runs_there(mm_ref mm, unsigned cpu)
{
	rcu_read_lock();
	const task_ref curr = READ_ONCE(kernel().cpu_rq(cpu).curr);
	const bool active = READ_ONCE(curr->mm_cid_active) && READ_ONCE(curr->mm) == mm;
	rcu_read_unlock();
	return active;
}

void remote_clear(mm_ref mm, unsigned cpu)
{
	Shared<int> &word = pcpu_cid(mm, cpu);
	const int cid = READ_ONCE(word);
	if (!is_valid(cid) ||
	    cmpxchg(word, cid, cid | kLazyPut, "mm_cid: mark lazy before reading rq->curr") != cid)
		return;
	// Who runs there gives it back when it leaves.
	if (runs_there(mm, cpu))
		return;
	local_irq_disable();
	if (cmpxchg(word, cid | kLazyPut, kUnset, "mm_cid: remote unset") == (cid | kLazyPut))
		put(mm, cid);
	local_irq_enable();
}

/// Nearly everywhere, when the mm changes: a write of a register that is one. powerpc's is none.
bool switch_mm_is_a_barrier()
{
	return kernel().config().arch != ArchKind::powerpc;
}

class RqLock
{
public:
	RqLock()
	{
		local_irq_disable();
		spin_lock(this_rq().lock);
	}
	~RqLock()
	{
		spin_unlock(this_rq().lock);
		local_irq_enable();
	}
};
} // namespace

void mm_init_cid(mm_struct &mm)
{
	for (auto &cid : mm.pcpu_cid)
		cid.init(kUnset);
	mm.cid_mask.init(0);
	mm.cid_work.init(0);
}

void switch_mm_cid(rq &rq, task_struct &prev, task_struct &next)
{
	const bool from_user = bool(READ_ONCE(prev.mm));
	if (!READ_ONCE(next.mm)) {
		if (from_user)
			smp_mb("switch_mm_cid: after mmgrab, rq->curr before pcpu_cid");
	} else if (!from_user) {
		smp_mb("switch_mm_cid: rq->curr before pcpu_cid");
	} else if (!READ_ONCE(prev.mm_cid_active) && kernel().scheme().repairs_mm_cid()) {
		smp_mb("switch_mm_cid: from kthread_use_mm(), rq->curr before pcpu_cid");
	}
	// From user to user: what switch_mm() has if the mm changes, nothing if it does not; or
	// smp_mb__after_switch_mm(), which is empty where switch_mm() is a barrier.
	if (from_user && next.mm.here() && !switch_mm_is_a_barrier())
		smp_mb("switch_mm_cid: smp_mb__after_switch_mm(), rq->curr before pcpu_cid");
	if (READ_ONCE(prev.mm_cid_active)) {
		put_lazy(READ_ONCE(prev.mm), static_cast<unsigned>(rq.owner.number));
		prev.mm_cid = kUnset;
	}
	if (READ_ONCE(next.mm_cid_active))
		get(rq, next);
}

void sched_mm_cid_deactivate()
{
	task_struct &me = current_task();
	mm_ref mm = READ_ONCE(me.mm);
	if (!mm)
		return;
	const RqLock lock;
	kernel().emit({ .kind = EventKind::mm_cid, .mm = mm, .value = kUnset });
	WRITE_ONCE(me.mm_cid_active, 0);
	smp_mb("mm_cid: mm_cid_active before pcpu_cid");
	Shared<int> &word = pcpu_cid(mm, smp_processor_id());
	for (int cid = READ_ONCE(word); cid != kUnset;) {
		const int old = cmpxchg(word, cid, kUnset, "mm_cid: unset");
		if (old == cid) {
			put(mm, cid);
			break;
		}
		cid = old;
	}
	me.mm_cid = kUnset;
}

void sched_mm_cid_after_execve()
{
	const RqLock lock;
	WRITE_ONCE(current_task().mm_cid_active, 1);
	smp_mb("mm_cid: mm_cid_active before pcpu_cid (exec)");
	get(this_rq(), current_task());
}

void task_mm_cid_work()
{
	mm_ref mm = READ_ONCE(current_task().mm);
	const bool alone = kernel().scheme().repairs_mm_cid();
	if (alone && cmpxchg_acquire(mm->cid_work, 0, 1, "mm_cid: one at a time") != 0)
		return;
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++)
		if (!runs_there(mm, cpu))
			remote_clear(mm, cpu);
	// Those that are too large for as many as there are.
	const int weight = std::popcount(READ_ONCE(mm->cid_mask));
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++)
		if (const int cid = READ_ONCE(pcpu_cid(mm, cpu)); is_valid(cid) && cid >= weight)
			remote_clear(mm, cpu);
	if (alone)
		smp_store_release(mm->cid_work, 0, "mm_cid: done");
}

} // namespace lazymm::kernel
