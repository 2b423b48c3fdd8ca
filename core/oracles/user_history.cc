// SPDX-License-Identifier: MIT
#include "core/oracles/user_history.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/kernel/user.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

using kernel::EventKind;
using kernel::KernelEvent;
using kernel::MembarrierCmd;
using kernel::MembarrierReg;

namespace
{
constexpr std::uint64_t bit(EventKind kind)
{
	return 1ull << static_cast<unsigned>(kind);
}

constexpr std::uint64_t kAccesses =
	bit(EventKind::user_store) | bit(EventKind::user_placed) | bit(EventKind::user_load);

/// Shared variables first, then those of each mm.
int location_of(kernel::mm_ref mm, unsigned var)
{
	return var < kernel::kPrivateVars
		       ? static_cast<int>(2 + mm.number() * kernel::kPrivateVars + var)
		       : static_cast<int>(var - kernel::kPrivateVars);
}

constexpr unsigned reg_bit(MembarrierReg reg)
{
	return 1u << static_cast<unsigned>(reg);
}
} // namespace

std::uint64_t UserHistory::events()
{
	return kAccesses | bit(EventKind::user_mode) | bit(EventKind::user_barrier) |
	       bit(EventKind::membarrier_call) | bit(EventKind::membarrier_return) |
	       bit(EventKind::membarrier_registered) | bit(EventKind::users_get) |
	       bit(EventKind::users_put) | bit(EventKind::task_new);
}

void UserHistory::begin(kernel::Kernel &kernel)
{
	kernel_ = &kernel;
	threads_.clear();
	accesses_.clear();
	points_.clear();
	calls_.clear();
	coherence_.clear();
	held_.clear();
	now_ = 0;
	std::memset(got_, 0, sizeof got_);
	std::memset(registered_, 0, sizeof registered_);
}

unsigned UserHistory::thread_of(const KernelEvent &event)
{
	const auto same = [&](const UserThread &t) {
		return t.task == event.task && t.task.generation() == event.task.generation() &&
		       same_mm(t.mm, event.mm) && !t.gone;
	};
	const auto it = std::find_if(threads_.begin(), threads_.end(), same);
	if (it != threads_.end())
		return it - threads_.begin();
	// A user task has its reference from fork or exec on, a kernel thread takes it when it
	// comes to use the mm.
	const unsigned slot = event.task.slot();
	threads_.push_back({ .task = event.task,
			     .mm = event.mm,
			     .joined = kernel_->task(slot).kthread ? got_[slot] : 0 });
	return threads_.size() - 1;
}

// --- coherence order ---

void UserHistory::place(int location, std::uint32_t store, unsigned under)
{
	if (coherence_.size() <= static_cast<unsigned>(location))
		coherence_.resize(location + 1);
	auto &order = coherence_[location];
	order.insert(order.end() - std::min<std::size_t>(under, order.size()), store);
	std::erase(held_, store);
}

/// 0 = what was there at first. What a store buffer holds comes after all that is placed; between
/// two of those nothing is said yet.
int UserHistory::position(int location, std::uint32_t store) const
{
	if (std::find(held_.begin(), held_.end(), store) != held_.end())
		return std::numeric_limits<int>::max();
	if (coherence_.size() <= static_cast<unsigned>(location))
		return 0;
	const auto &order = coherence_[location];
	const auto it = std::find(order.begin(), order.end(), store);
	return it == order.end() ? 0 : 1 + static_cast<int>(it - order.begin());
}

bool UserHistory::com(const UserAccess &a, const UserAccess &b) const
{
	if (a.location != b.location)
		return false;
	const int from = position(a.location, a.number), to = position(b.location, b.number);
	return a.store && !b.store ? from <= to : from < to;
}

// --- events ---

void UserHistory::access(const KernelEvent &event)
{
	const unsigned thread = thread_of(event);
	const auto var = static_cast<std::uint8_t>(event.count);
	UserAccess a;
	a.thread = thread;
	a.store = event.kind == EventKind::user_store;
	a.var = var;
	a.location = location_of(event.mm, var);
	a.number = static_cast<std::uint32_t>(event.value);
	a.segment = threads_[thread].segment;
	// Under sc a store is placed where it is made; else memory says so, before this or after.
	if (a.store && kernel_->machine().memory() == machine::Memory::sc)
		place(a.location, a.number, 0);
	else if (a.store && position(a.location, a.number) == 0)
		held_.push_back(a.number);
	threads_[thread].last = static_cast<int>(accesses_.size());
	accesses_.push_back(a);
}

UserHistory::News UserHistory::on(const KernelEvent &event)
{
	now_++;
	switch (event.kind) {
	case EventKind::user_store:
	case EventKind::user_load:
		access(event);
		return News::access;
	case EventKind::user_placed:
		place(location_of(event.mm, event.count & 0xff),
		      static_cast<std::uint32_t>(event.value), event.count >> 8);
		return News::placed;
	case EventKind::user_mode: {
		const unsigned thread = thread_of(event);
		threads_[thread].last_point = static_cast<int>(points_.size());
		points_.push_back({ .thread = thread,
				    .cpu = static_cast<std::uint8_t>(event.cpu),
				    .known = kernel_->machine().cpu(event.cpu).known });
		return News::point;
	}
	case EventKind::user_barrier:
		threads_[thread_of(event)].segment++;
		break;
	case EventKind::membarrier_call: {
		MembarrierCall call;
		call.caller = thread_of(event);
		call.cmd = static_cast<MembarrierCmd>(event.value & 0xff);
		call.one_cpu = event.value >> 8;
		call.mm = event.mm;
		call.began = now_;
		call.before = threads_[call.caller].last;
		call.point = threads_[call.caller].last_point;
		for (unsigned mm = 0; mm < kMmNumbers; mm++)
			if (registered_[mm] & reg_bit(MembarrierReg::global_expedited))
				call.registered |= 1ull << mm;
		threads_[call.caller].segment++;
		calls_.push_back(call);
		break;
	}
	case EventKind::membarrier_return: {
		const unsigned caller = thread_of(event);
		for (unsigned i = calls_.size(); i-- > 0;) {
			MembarrierCall &call = calls_[i];
			if (call.caller != caller || call.returned >= 0)
				continue;
			call.returned = static_cast<int>(accesses_.size());
			call.result = event.count;
			call.known = kernel_->machine().cpu(event.cpu).known;
			last_returned_ = i;
			return News::returned;
		}
		break;
	}
	case EventKind::membarrier_registered:
		threads_[thread_of(event)].segment++;
		if (event.mm.number() < kMmNumbers)
			registered_[event.mm.number()] |= 1u << event.value;
		break;
	case EventKind::task_new: {
		// fork copies the registrations with the mm.
		const kernel::task_struct *parent = current_task(*kernel_, event.cpu);
		const kernel::mm_ref old = parent->mm.peek();
		if (!same_mm(old, event.mm) && event.mm.number() < kMmNumbers)
			registered_[event.mm.number()] = registrations(old);
		break;
	}
	case EventKind::users_get:
		got_[current_task(*kernel_, event.cpu)->slot] = now_;
		break;
	case EventKind::users_put: {
		const kernel::task_struct *task = current_task(*kernel_, event.cpu);
		if (same_mm(task->mm.peek(), event.mm))
			break; // `put`: the task stays
		for (UserThread &t : threads_)
			if (t.task.slot() == task->slot && same_mm(t.mm, event.mm))
				t.gone = true;
		break;
	}
	default:
		break;
	}
	return News::nothing;
}

unsigned UserHistory::registrations(kernel::mm_ref mm) const
{
	return mm.number() < kMmNumbers ? registered_[mm.number()] : 0;
}

// --- who is covered ---

bool UserHistory::covers(const MembarrierCall &call, unsigned thread) const
{
	const UserThread &t = threads_[thread];
	// Who has left the mm is no thread of it any more, who takes its reference during the call
	// is none yet: a caller that was the only user in between needs no barrier.
	if (thread == call.caller || t.gone || t.joined > call.began || call.result != 0 ||
	    call.one_cpu)
		return false;
	switch (call.cmd) {
	case MembarrierCmd::private_expedited:
	case MembarrierCmd::sync_core:
	case MembarrierCmd::rseq:
		return same_mm(t.mm, call.mm);
	case MembarrierCmd::global_expedited:
		return t.mm.number() < kMmNumbers && call.registered >> t.mm.number() & 1;
	case MembarrierCmd::global:
		return true;
	default:
		return false;
	}
}

// --- words ---

std::string UserHistory::words(const UserAccess &access) const
{
	const char *var = kernel::user_var_name(access.var);
	if (access.store)
		return std::string("'store ") + var + "'";
	return std::string("'load ") + var + "'";
}

std::string UserHistory::words(const MembarrierCall &call) const
{
	return std::string("membarrier(") + name(call.cmd) + ") of " +
	       kernel::task_name(threads_[call.caller].task.slot());
}

} // namespace lazymm::oracles
