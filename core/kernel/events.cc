// SPDX-License-Identifier: MIT
#include "core/kernel/events.h"

#include "core/kernel/kernel.h"
#include "core/kernel/user.h"
#include "core/machine/tsan.h"

namespace lazymm::kernel
{

namespace
{
std::uint64_t pack(const KernelEvent &e)
{
	return std::uint64_t(e.mm ? e.mm.number() : 0xffff) |
	       std::uint64_t(std::uint16_t(e.count)) << 16 |
	       std::uint64_t(std::uint32_t(e.value)) << 32;
}

std::uint64_t pack_holder(const KernelEvent &e)
{
	return std::uint64_t(e.holder) | std::uint64_t(std::uint8_t(e.holder_id)) << 8 |
	       std::uint64_t(e.task ? e.task.number() : 0xff) << 16;
}

std::string mm_name(const KernelEvent &e)
{
	if (!e.mm)
		return "no mm";
	return e.mm.number() ? "mm" + std::to_string(e.mm.number()) : "init_mm";
}

std::string holder_name(const KernelEvent &e)
{
	std::string s = name(e.holder);
	if (e.holder_id < 0)
		return s;
	if (e.holder == Holder::lazy || e.holder == Holder::mailbox)
		return s + " of CPU" + std::to_string(e.holder_id);
	return s + " of " + task_name(e.holder_id);
}
} // namespace

std::string task_name(unsigned slot)
{
	if (slot < kUserTasks)
		return std::string(1, char('A' + slot));
	if (slot < kUserTasks + 2)
		return std::string(1, char('K' + slot - kUserTasks));
	slot -= kUserTasks + 2;
	static const char *const kinds[] = { "kthread/", "idle/", "cpuhp/" };
	return kinds[slot / kMaxCpus] + std::to_string(slot % kMaxCpus);
}

const char *name(Holder holder)
{
	switch (holder) {
	case Holder::users:
		return "all users";
	case Holder::lazy:
		return "lazy tlb";
	case Holder::pin:
		return "pin";
	case Holder::use_mm:
		return "use_mm";
	case Holder::signal:
		return "signal_struct";
	case Holder::mailbox:
		return "drop_mm";
	case Holder::unlazy:
		return "unlazy batch";
	case Holder::table:
		return "deferred page table";
	}
	return "";
}

KernelEvent from_note(const machine::Event &note)
{
	KernelEvent e;
	e.kind = static_cast<EventKind>(note.note);
	if ((note.before & 0xffff) != 0xffff)
		e.mm = mm_ref(0, 0, note.before & 0xffff);
	e.count = std::int16_t(note.before >> 16);
	e.value = std::int32_t(note.before >> 32);
	e.holder = static_cast<Holder>(note.after & 0xff);
	e.holder_id = std::int8_t(note.after >> 8);
	if (unsigned slot = (note.after >> 16) & 0xff; slot != 0xff)
		e.task = task_ref(slot, 0, slot);
	e.text = note.name;
	e.cpu = note.cpu;
	e.file = note.file;
	e.line = note.line;
	return e;
}

std::string describe(const KernelEvent &e)
{
	auto counted = [&](const char *what, int before) {
		return std::string(what) + " of " + mm_name(e) + " " + std::to_string(before) +
		       " -> " + std::to_string(e.count);
	};
	switch (e.kind) {
	case EventKind::none:
		return "";
	case EventKind::mm_alloc:
		return mm_name(e) + " allocated";
	case EventKind::grab:
		return counted("mm_count", e.count - e.value) + " (" + holder_name(e) + ")";
	case EventKind::drop:
		return counted("mm_count", e.count + e.value) + " (" + holder_name(e) + ")";
	case EventKind::users_get:
		return counted("mm_users", e.count - 1);
	case EventKind::users_put:
		return counted("mm_users", e.count + 1);
	case EventKind::free_tables:
		return "exit_mmap(" + mm_name(e) + ")";
	case EventKind::free_pgd:
		return "pgd of " + mm_name(e) + " freed";
	case EventKind::free_mm:
		return mm_name(e) + " freed";
	case EventKind::load_mm:
		return "loads " + mm_name(e);
	case EventKind::set_active:
		return "active_mm = " + mm_name(e);
	case EventKind::switched:
		return "runs " + task_name(e.task.number()) + " on " + mm_name(e);
	case EventKind::lazy_hold:
		return (e.value ? "lazy_mm = " + mm_name(e) : "lazy_mm = NULL, was " + mm_name(e));
	case EventKind::mmdrop_context:
		return "__mmdrop(" + mm_name(e) + ")";
	case EventKind::ipi_wait_context:
		return "waits for IPIs where it must not";
	case EventKind::use_after_free:
		return "follows a stale reference to " + mm_name(e);
	case EventKind::stale_tlb:
		return "reaches a freed page of " + mm_name(e) + " through its TLB";
	case EventKind::tlb:
		return (e.value ? "caches a page of " : "flushes its TLB of ") + mm_name(e);
	case EventKind::walk_freed:
		return "walks freed page tables of " + mm_name(e);
	case EventKind::task_new:
		return "new task " + task_name(e.task.number()) + " on " + mm_name(e);
	case EventKind::task_dead:
		return "task " + task_name(e.task.number()) + " freed";
	case EventKind::ipi:
		return std::string("IPI to CPU") + std::to_string(e.value) + ": " + e.text;
	case EventKind::user_store:
		return "user: " + std::string(user_var_name(e.count)) + " = " +
		       std::to_string(e.value);
	case EventKind::user_load:
		return "user: reads " + std::string(user_var_name(e.count)) + " = " +
		       std::to_string(e.value);
	case EventKind::user_mode:
		return "user mode";
	case EventKind::user_barrier:
		return "user: barrier()";
	case EventKind::user_code:
		return "user: runs its code";
	case EventKind::patched:
		return "user: patches the code of " + mm_name(e);
	case EventKind::core_serialised:
		return "core serialised";
	case EventKind::mm_cid:
		return e.value < 0 ? "leaves its mm_cid"
				   : "mm_cid of " + task_name(e.task.number()) + " = " +
					     std::to_string(e.value);
	case EventKind::mm_cid_put:
		return "mm_cid " + std::to_string(e.value) + " of " + mm_name(e) + " freed";
	case EventKind::membarrier_call:
		return "membarrier(" + std::string(e.text) + ")";
	case EventKind::membarrier_return:
		return "membarrier(" + std::string(e.text) + ") = " + std::to_string(e.count);
	case EventKind::membarrier_registered:
		return mm_name(e) + " registered for membarrier " + e.text;
	case EventKind::quiescence:
		return "quiescence";
	case EventKind::page_table:
		return "table " + std::to_string(e.count) + " of " + mm_name(e) + " " + e.text;
	default:
		return e.text;
	}
}

void Kernel::note_feature(const KernelEvent &event)
{
	auto set = [this](std::uint32_t x) {
		x = x * 2654435761u >> 20;
		features[x / 64] |= 1ull << x % 64;
	};
	unsigned cpu = this_cpu().index;
	std::uint32_t now = static_cast<unsigned>(event.kind) << 3 | (event.value & 1) << 2 | cpu;
	set(last_event_ << 16 ^ now);
	std::uint32_t &last = last_on_cpu_[cpu];
	set(last << 16 ^ now ^ event.mm.generation() << 9 ^ 1u << 31);
	last_event_ = last = now;
	if (unsigned op = this_cpu().activity.op; op < kOps)
		busy_ops[op / 64] |= 1ull << op % 64;
}

void Kernel::emit(KernelEvent event, const Where &where)
{
	auto kind = static_cast<unsigned>(event.kind);
	if (machine_.stepped())
		note_feature(event);
	if (machine_.recording())
		machine_.note(kind, pack(event), pack_holder(event), event.text, where);
	const bool stepped = machine_.stepped();
	unsigned n = watcher_counts_[kind];
	if (!n && stepped)
		return;
	event.cpu = this_cpu().index;
	event.file = where.file_name();
	event.line = where.line();
	if (!stepped)
		recent.add(event.cpu, this_cpu().activity.op, event);
	machine::tsan::Ignore ignore;
	for (unsigned i = 0; i < n; i++)
		stepped ? watchers_[kind][i]->on(event) : watchers_[kind][i]->on_free(event);
}

void Kernel::operation_begins()
{
	if (!machine_.stepped())
		recent.add(this_cpu().index, this_cpu().activity.op, {});
}

void WARN_ON(bool condition, const char *text, const Where &where)
{
	if (condition)
		kernel().emit({ .kind = EventKind::warn, .text = text }, where);
}

void BUG_ON(bool condition, const char *text, const Where &where)
{
	if (condition)
		kernel().emit({ .kind = EventKind::bug, .text = text }, where);
}

} // namespace lazymm::kernel
