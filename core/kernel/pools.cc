// SPDX-License-Identifier: MIT
// References, and the pools that they point into: mms and tasks come and go.
#include <cstring>

#include "core/kernel/books.h"
#include "core/kernel/kernel.h"
#include "core/kernel/mm_cid.h"
#include "core/kernel/pools.h"

namespace lazymm::kernel
{

// --- references ---

template <>
mm_struct *Ref<mm_struct>::unchecked() const
{
	return kernel().mms_[slot()];
}

template <>
bool Ref<mm_struct>::valid() const
{
	return kernel().generations_[slot()] == generation_;
}

template <>
mm_struct *Ref<mm_struct>::operator->() const
{
	Kernel &k = kernel();
	// On the heap ASan is the judge: it knows the stacks of allocation and free.
	if (k.generations_[slot()] != generation_ &&
	    !(LAZYMM_ASAN && k.config_.memory == MmMemory::heap)) [[unlikely]]
		k.emit({ .kind = EventKind::use_after_free, .mm = *this });
	return k.mms_[slot()];
}

template <>
task_struct *Ref<task_struct>::unchecked() const
{
	return &kernel().tasks_[slot()];
}

template <>
bool Ref<task_struct>::valid() const
{
	return kernel().tasks_[slot()].generation == generation_;
}

template <>
task_struct *Ref<task_struct>::operator->() const
{
	if (!valid()) [[unlikely]]
		kernel().emit({ .kind = EventKind::use_after_free, .task = *this });
	return &kernel().tasks_[slot()];
}

// --- mms ---

mm_ref Kernel::alloc_mm()
{
	const Books books;
	if (!free_mm_count_)
		return {};
	bool heap = config_.memory == MmMemory::heap;
	// The pool gives back the mm that was freed last: addresses are reused as soon as can be.
	// On the heap the oldest slot, and the quarantine is ASan's.
	unsigned slot = free_mms_[--free_mm_count_];
	if (heap) {
		slot = free_mms_[0];
		std::memmove(free_mms_, free_mms_ + 1, free_mm_count_);
		mms_[slot] = new mm_struct;
	} else {
		mms_[slot] = &pool_[slot];
		unpoison(pool_[slot]);
	}
	mm_struct &mm = *mms_[slot];
	if (machine::t_cpu)
		machine_.acquire(mm_clock_);
	mm.owner.number = mm_numbers_++;
	numbers_[slot] = mm.owner.number;
	mm.generation = ++generations_[slot];
	mm.mm_users.init(1);
	mm.mm_count.init(1);
	mm.mm_cpumask.init(0);
	mm.tlb_gen.init(1);
	mm.pte.init(++next_page);
	mm.membarrier_state.init(0);
	for (auto &var : mm.user_vars)
		var.init(0);
	mm.code.init(0);
	if (config_.mm_cid)
		mm_init_cid(mm);
	mm.rss.init(1);
	mm.pgd.entry.init(1);
	mm.user_tables.entry.init(1);
	mm.pgd.freed = mm.user_tables.freed = false;
	mm.user_tables.linked = true;
	mm.allocated = true;
	if (scheme().has_page_tables()) {
		for (auto &pmd : mm.pmd)
			pmd.init(0);
		spin_lock_init(mm.page_table_lock);
		scheme().init_new_context(ref(mm, slot));
	}
	return ref(mm, slot);
}

void Kernel::free_mm(mm_ref ref)
{
	mm_struct &mm = *ref.unchecked();
	emit({ .kind = EventKind::free_mm, .mm = ref, .count = mm.mm_users.peek() });
	const Books books;
	machine_.release(mm_clock_);
	mm.allocated = false;
	generations_[ref.slot()]++;
	if (config_.memory == MmMemory::heap)
		delete &mm; // mms_ keeps the dangling address: a stale reference shall reach it
	else if (typesafe_)
		freed_[ref.slot()] = get_state_synchronize_rcu();
	else
		poison(mm);
	free_mms_[free_mm_count_++] = ref.slot();
}

/// The mm may have been freed behind the check of the reference: before ASan sees it, so that the
/// finding is the same in every build. On the heap ASan is the judge.
void Kernel::check_still_there(const machine::Location &location)
{
	const auto at = reinterpret_cast<std::uintptr_t>(&location);
	const auto pool = reinterpret_cast<std::uintptr_t>(pool_);
	if (at - pool >= sizeof pool_)
		return;
	const auto slot = static_cast<unsigned>((at - pool) / sizeof(mm_struct));
	if (!mm_allocated(slot) && !type_stable(slot))
		emit({ .kind = EventKind::use_after_free,
		       .mm = { slot, generations_[slot] - 1u, numbers_[slot] } });
}

mm_struct &Kernel::typesafe(mm_ref ref)
{
	if (!mm_allocated(ref.slot()) && !type_stable(ref.slot()))
		emit({ .kind = EventKind::use_after_free, .mm = ref });
	return *ref.unchecked();
}

// --- tasks ---

task_struct *Kernel::alloc_task(unsigned slot, const char *, bool kthread, int bound_to)
{
	const Books books;
	task_struct &t = tasks_[slot];
	if (t.allocated)
		return nullptr;
	t.allocated = true;
	t.generation++;
	t.kthread = kthread;
	t.bound_to = bound_to;
	t.unfinished = false;
	t.sleeping = nullptr;
	t.got = t.pinned = t.used = t.oom_mm = {};
	t.__state.init(TASK_RUNNING);
	t.on_cpu.init(0);
	t.mm_cid_active.init(config_.mm_cid && !kthread);
	t.mm_cid = -1;
	spin_lock_init(t.alloc_lock);
	t.context = nullptr;
	return &t;
}

void Kernel::free_task(task_struct &task)
{
	emit({ .kind = EventKind::task_dead, .task = ref(task) });
	if (task.context)
		machine_.retire(*task.context);
	task.context = nullptr;
	task.allocated = false;
	task.generation++;
}

} // namespace lazymm::kernel
