// SPDX-License-Identifier: MIT
// Boot, and what the machine asks of the kernel. The pools of tasks and mms are in pools.cc.
#include "core/kernel/kernel.h"

#include <cstring>

#include "core/kernel/books.h"
#include "core/kernel/pools.h"
#include "core/kernel/user.h"

namespace lazymm::kernel
{

namespace
{
// Task slots: A..F, K, L, then per CPU kthread, idle and cpuhp.
constexpr unsigned kUnbound = kUserTasks;
constexpr unsigned kBound = kUserTasks + 2;
} // namespace

thread_local constinit Kernel *t_kernel = nullptr;

// --- construction ---

Kernel::Kernel(Machine &machine)
	: pid{ { "pid[A]", nullptr }, { "pid[B]", nullptr }, { "pid[C]", nullptr },
	       { "pid[D]", nullptr }, { "pid[E]", nullptr }, { "pid[F]", nullptr } },
	  machine_(machine)
{
	for (unsigned i = 0; i < kMaxCpus; i++) {
		rqs_[i].owner.number = i;
		hotplug[i].owner.number = i;
		rqs_[i].kthread = &tasks_[kBound + i];
		rqs_[i].idle = &tasks_[kBound + kMaxCpus + i];
		rqs_[i].cpuhp = &tasks_[kBound + 2 * kMaxCpus + i];
	}
	static const char *const names[kTasks] = {
		"A",	  "B",	       "C",	    "D",	 "E",	      "F",	 "K",
		"L",	  "kthread/0", "kthread/1", "kthread/2", "kthread/3", "idle/0",	 "idle/1",
		"idle/2", "idle/3",    "cpuhp/0",   "cpuhp/1",	 "cpuhp/2",   "cpuhp/3",
	};
	for (unsigned i = 0; i < kTasks; i++) {
		tasks_[i].slot = i;
		tasks_[i].comm = names[i];
		tasks_[i].owner.kind = names[i];
	}
	for (unsigned i = 0; i < kMms; i++) {
		mms_[i] = &pool_[i];
		free_mms_[i] = i;
		poison(pool_[i]);
	}
	machine_.user = this;
	machine_.irq_exit = [] {
		irq_exit();
		core_serialised(); // IRET
	};
	machine_.tick = [](bool resched) {
		if (resched)
			this_rq().need_resched = true;
	};
	machine_.unfinished = [](Machine &m, unsigned cpu) {
		Kernel &k = *static_cast<Kernel *>(m.user);
		return k.unfinished_task(cpu) || k.work_left(cpu);
	};
	machine_.placed = &user_store_placed;
	machine_.others_moved = [](Machine &m, const machine::Location &location) {
		static_cast<Kernel *>(m.user)->check_still_there(location);
	};
	machine_.hung = [](Machine &m) {
		return static_cast<Kernel *>(m.user)->hung_task() != nullptr;
	};
}

Kernel::~Kernel()
{
	for (unsigned i = 0; i < kMms; i++) {
		if (mms_[i] != &pool_[i] && (generations_[i] & 1)) // else freed already
			delete mms_[i];
		unpoison(pool_[i]);
	}
}

void Kernel::watch(Watcher *watcher, std::uint64_t mask)
{
	for (unsigned k = 0; k < kEventKinds; k++)
		if (mask >> k & 1 && watcher_counts_[k] < kMaxWatchers)
			watchers_[k][watcher_counts_[k]++] = watcher;
}

void Kernel::unwatch_all()
{
	std::memset(watcher_counts_, 0, sizeof watcher_counts_);
}

void Kernel::boot_task(task_struct &task, mm_ref mm, mm_ref active)
{
	task.mm.init(mm);
	task.active_mm.init(active);
}

void Kernel::task_entry(void *arg)
{
	auto &task = *static_cast<task_struct *>(arg);
	t_kernel = static_cast<Kernel *>(this_machine().user);
	rq &rq = this_rq();
	// What boot put on the CPUs was not switched to.
	if (rq.prev)
		kernel().scheme().schedule_tail(*rq.prev);
	if (&task == this_rq().cpuhp)
		cpuhp_thread();
	kernel().config_.driver->run_task(task);
}

// --- boot ---

void Kernel::boot(const KernelConfig &config)
{
	t_kernel = this;
	std::memset(features, 0, sizeof features);
	std::memset(busy_ops, 0, sizeof busy_ops);
	recent.reset();
	last_event_ = 0;
	std::memset(last_on_cpu_, 0, sizeof last_on_cpu_);
	for (task_struct &t : tasks_) {
		t.allocated = false;
		t.generation = 0;
		t.context = nullptr;
	}
	for (unsigned i = 0; i < kMms; i++) {
		if (!generations_[i] && mms_[i] == &pool_[i])
			continue;
		if (mms_[i] != &pool_[i] && (generations_[i] & 1))
			delete mms_[i];
		mms_[i] = &pool_[i];
		generations_[i] = 0;
		poison(pool_[i]);
	}
	config_ = config;
	typesafe_ = config.scheme->mm_is_typesafe();
	if (typesafe_)
		config_.memory = MmMemory::pool; // type-stable is what the pool is
	free_mm_count_ = 0;
	// Slot 0 is taken first: the pool is a stack, the heap a queue.
	for (unsigned i = 0; i < kMms; i++)
		free_mms_[free_mm_count_++] = config_.memory == MmMemory::heap ? i : kMms - 1 - i;
	mm_numbers_ = 0;
	mm_clock_ = {};
	std::memset(page_freed, 0, next_page + 1);
	next_page = 0;
	rcu.count = rcu.running = 0;
	rcu.queued = 0;
	tables.reset();
	wq.count = 0;
	cpu_hotplug_lock.readers.init(0);
	cpu_hotplug_lock.writer.init(0);
	cpu_hotplug_lock.writer_cpu_task = -1;
	spin_lock_init(pgd_lock);
	membarrier_ipi_mutex.locked.init(0);
	for (auto &var : shared_vars)
		var.init(0);
	user_stores = patches = 0;
	for (auto &p : pid)
		p.init({});

	init_mm_ = alloc_mm();
	mm_ref mm1 = alloc_mm();
	for (unsigned i = 0; i < config.cpus; i++) {
		rq &rq = rqs_[i];
		spin_lock_init(rq.lock);
		rq.prev_mm.init({});
		rq.membarrier_state.init(0);
		std::memset(rq.tlb, 0, sizeof rq.tlb);
		std::memset(rq.tlb_generation, 0, sizeof rq.tlb_generation);
		rq.walk_cache = 0;
		rq.prev = nullptr;
		rq.need_resched = rq.softirq_running = rq.in_dispatch = false;
		rq.bh_disabled = 0;
		hotplug_state &h = hotplug[i];
		h.active.init(1);
		h.online.init(1);
		h.ap_done.init(0);
		h.dead.init(0);
		h.bring_up.init(0);
		h.wanted_down = h.stop_pending = false;
		for (task_struct *t : { rq.kthread, rq.idle, rq.cpuhp }) {
			alloc_task(t->slot, "", true, i);
			boot_task(*t, {}, {});
		}
	}
	for (unsigned i = kUnbound; i < kBound; i++) {
		alloc_task(i, "", true, -1);
		boot_task(tasks_[i], {}, {});
	}
	task_struct &a = *alloc_task(0, "", false, -1);
	boot_task(a, mm1, mm1);
	pid[0].init(ref(a));

	for (unsigned i = 0; i < config.cpus; i++) {
		rq &rq = rqs_[i];
		task_struct &first = i ? *rq.idle : a;
		first.active_mm.init(i ? init_mm_ : mm1);
		first.on_cpu.init(1);
		rq.curr.init(ref(first));
		rq.loaded_mm.init(i ? init_mm_ : mm1);
		machine_.cpu(i).task = &first;
	}
	mm1.unchecked()->mm_cpumask.init(1);
	if (config.mm_cid) {
		a.mm_cid = 0;
		mm1.unchecked()->pcpu_cid[0].init(0);
		mm1.unchecked()->cid_mask.init(1);
	}
	// Idle tasks hold init_mm; A's mm has its users' reference.
	init_mm_.unchecked()->mm_count.init(1 + config.cpus);
	config.scheme->reset();

	Arch *variant = config.scheme->arch_variant();
	arch_ = variant ? variant : &arches_[config.arch];
	arch_->reset(*this);
}

machine::Outcome Kernel::run()
{
	machine::Context *first[kMaxCpus];
	for (unsigned i = 0; i < config_.cpus; i++) {
		auto &t = *static_cast<task_struct *>(machine_.cpu(i).task);
		t.context = &machine_.spawn(&Kernel::task_entry, &t);
		first[i] = t.context;
	}
	return machine_.run(first);
}

task_struct *Kernel::hung_task()
{
	for (task_struct &t : tasks_)
		if (t.allocated && t.unfinished && !t.on_cpu.peek())
			return &t;
	return nullptr;
}

bool Kernel::work_left(unsigned cpu)
{
	// Work items and softirqs want a CPU that has nothing else to do.
	const machine::Wait *wait = machine_.cpu(cpu).wait;
	return wait && wait->idle && hotplug[cpu].active.peek() && (rcu_ready(*this) || wq.count);
}

bool Kernel::affine(const task_struct &task, unsigned cpu) const
{
	if (task.bound_to < 0 || task.bound_to == int(cpu))
		return true;
	return &task == rqs_[task.bound_to].kthread && !hotplug[task.bound_to].active.peek();
}

task_struct *Kernel::unfinished_task(unsigned cpu)
{
	if (!hotplug[cpu].active.peek())
		return nullptr;
	const WaitQueues queues;
	for (task_struct &t : tasks_) {
		if (!t.allocated || !t.unfinished || t.on_cpu.peek() ||
		    t.__state.peek() != TASK_RUNNING)
			continue;
		if (!affine(t, cpu))
			continue;
		if (t.sleeping && !t.sleeping->ready(t.sleeping->arg))
			continue;
		return &t;
	}
	return nullptr;
}

} // namespace lazymm::kernel
