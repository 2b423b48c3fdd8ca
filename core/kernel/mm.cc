// SPDX-License-Identifier: MIT
// References to an mm. After include/linux/sched/mm.h and kernel/fork.c, Linux 6.12. Differs:
// references name their holders, for the ledger.
#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
/// Void RMW on mm_count: unordered.
void add_count(mm_ref mm, int n, Holder holder, int id, const Where &where)
{
	int old = detail::rmw(mm->mm_count, RmwOp::add, n, Order::relaxed, nullptr, where);
	kernel().emit({ .kind = n > 0 ? EventKind::grab : EventKind::drop,
			.mm = mm,
			.count = old + n,
			.value = n > 0 ? n : -n,
			.holder = holder,
			.holder_id = id },
		      where);
}
} // namespace

void mmgrab(mm_ref mm, Holder holder, int id, const Where &where)
{
	add_count(mm, 1, holder, id, where);
}

void mmgrab(mm_ref mm, int n, Holder holder, const Where &where)
{
	add_count(mm, n, holder, -1, where);
}

void mmsub(mm_ref mm, int n, Holder holder, const Where &where)
{
	if (n)
		add_count(mm, -n, holder, -1, where);
}

bool mm_count_dec_and_test(mm_ref mm, Holder holder, int id, const machine::Site &site,
			   const Where &where)
{
	int old = detail::rmw(mm->mm_count, RmwOp::add, -1, Order::full, &site, where);
	kernel().emit({ .kind = EventKind::drop,
			.mm = mm,
			.count = old - 1,
			.value = 1,
			.holder = holder,
			.holder_id = id },
		      where);
	return old == 1;
}

bool mmdrop_and_test(mm_ref mm, Holder holder, int id, const Where &where)
{
	return mm_count_dec_and_test(mm, holder, id, LAZYMM_SITE("mmdrop: mm_count", rmw), where);
}

void Scheme::mmdrop(mm_ref mm, Holder holder, int id, const Where &where)
{
	if (mmdrop_and_test(mm, holder, id, where))
		__mmdrop(mm);
}

void Scheme::mmdrop_async(mm_ref mm, Holder holder, int id, const Where &where)
{
	if (mmdrop_and_test(mm, holder, id, where))
		schedule_work([](std::uint64_t mm) { __mmdrop(Shared<mm_ref>::from_word(mm)); },
			      Shared<mm_ref>::to_word(mm));
}

unsigned context_bits()
{
	unsigned bits = 0;
	bits |= this_cpu().hardirq_depth ? context::hardirq : 0;
	bits |= this_rq().softirq_running ? context::softirq : 0;
	bits |= this_cpu().irqs_off ? context::irqs_off : 0;
	bits |= this_rq().lock.holder == int(smp_processor_id()) ? context::rq_lock : 0;
	bits |= this_cpu().preempt_count ? context::preempt_off : 0;
	bits |= kernel().cpu_hotplug_lock.writer_cpu_task == current_task().slot
			? context::cpus_write_lock
			: 0;
	return bits;
}

void __mmdrop(mm_ref mm)
{
	Kernel &k = kernel();
	BUG_ON(mm == init_mm(), "__mmdrop: mm == &init_mm");
	WARN_ON(mm == current_task().mm.here(), "__mmdrop: mm == current->mm");
	k.emit({ .kind = EventKind::mmdrop_context, .mm = mm, .value = int(context_bits()) });

	k.scheme().cleanup_lazy_tlbs(mm);

	WARN_ON(mm == current_task().active_mm.peek(), "__mmdrop: mm == current->active_mm");
	// mm_free_pgd(): the pgd leaves pgd_list.
	spin_lock(k.pgd_lock);
	k.emit({ .kind = EventKind::free_pgd, .mm = mm });
	mm->pgd.entry.store(0);
	mm->pgd.freed = true;
	spin_unlock(k.pgd_lock);
	// check_mm(): "Bad rss-counter state", "non-zero pgtables_bytes"
	BUG_ON(mm->rss.load() != 0, "check_mm: Bad rss-counter state");
	k.scheme().free_mm(mm);
}

void Scheme::free_mm(mm_ref mm)
{
	kernel().free_mm(mm);
}

void mmget(mm_ref mm)
{
	int old = detail::rmw(mm->mm_users, RmwOp::add, 1, Order::relaxed, nullptr);
	kernel().emit({ .kind = EventKind::users_get, .mm = mm, .count = old + 1, .value = 1 });
}

bool mmget_not_zero(mm_ref mm)
{
	int old = READ_ONCE(mm->mm_users);
	while (old != 0) {
		int seen = cmpxchg(mm->mm_users, old, old + 1, "mmget_not_zero: mm_users");
		if (seen == old) {
			kernel().emit({ .kind = EventKind::users_get,
					.mm = mm,
					.count = old + 1,
					.value = 1 });
			return true;
		}
		old = seen;
	}
	return false;
}

static void __mmput(mm_ref mm)
{
	Scheme &scheme = kernel().scheme();
	scheme.before_exit_mmap(mm);
	exit_mmap(mm);
	scheme.after_exit_mmap(mm);
	scheme.mmdrop(mm, Holder::users, -1);
}

void mmput(mm_ref mm)
{
	int old = detail::rmw(mm->mm_users, RmwOp::add, -1, Order::full,
			      &LAZYMM_SITE("mmput: mm_users", rmw));
	kernel().emit({ .kind = EventKind::users_put, .mm = mm, .count = old - 1, .value = 1 });
	if (old == 1)
		__mmput(mm);
}

// --- other tasks' mms ---

namespace
{
/// Calls fn(task, its mm) under task_lock if user task `slot` exists and has one.
template <class Fn>
void with_task_mm(unsigned slot, Fn fn)
{
	rcu_read_lock();
	if (task_ref ref = smp_load_acquire(kernel().pid[slot], "find_task: pid")) {
		task_struct &task = *ref.unchecked();
		spin_lock(task.alloc_lock);
		if (mm_ref mm = READ_ONCE(task.mm))
			fn(task, mm);
		spin_unlock(task.alloc_lock);
	}
	rcu_read_unlock();
}
} // namespace

mm_ref get_task_mm(unsigned slot)
{
	mm_ref got;
	with_task_mm(slot, [&](task_struct &, mm_ref mm) {
		mmget(mm);
		got = mm;
	});
	return got;
}

mm_ref grab_task_mm(unsigned slot)
{
	mm_ref got;
	with_task_mm(slot, [&](task_struct &, mm_ref mm) {
		mmgrab(mm, Holder::pin, current_task().slot);
		got = mm;
	});
	return got;
}

void mark_oom_victim(unsigned slot)
{
	with_task_mm(slot, [&](task_struct &task, mm_ref mm) {
		if (task.oom_mm)
			return;
		mmgrab(mm, Holder::signal, slot);
		task.oom_mm = mm;
	});
}

// --- what a count should be ---

int Scheme::expected_mm_count(Kernel &k, mm_ref mm) const
{
	const mm_struct &m = k.mm(mm.slot());
	int n = m.mm_users.peek() > 0;
	for (unsigned i = 0; i < k.config().cpus; i++) {
		const task_struct &curr = *static_cast<task_struct *>(k.machine().cpu(i).task);
		if (counts_lazy() && !curr.mm.peek() && curr.active_mm.peek() == mm)
			n++;
		if (counts_lazy() && k.cpu_rq(i).prev_mm.peek() == mm)
			n++;
	}
	for (unsigned i = 0; i < kTasks; i++) {
		const task_struct &t = k.task(i);
		if (!t.allocated)
			continue;
		n += t.pinned == mm;
		n += t.oom_mm == mm;
		n += counts_use() && t.used == mm;
	}
	return n;
}

} // namespace lazymm::kernel
