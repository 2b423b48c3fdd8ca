// SPDX-License-Identifier: MIT
// What user code did and which membarrier calls there were, as the oracles of membarrier's promises
// see it: accesses of threads in program order, coherence order of each variable, who is covered by
// a call. Knows nothing of how the kernel does it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/kernel/membarrier.h"
#include "core/oracles/oracle.h"

namespace lazymm::oracles
{

/// A task in an mm: exec and kthread_use_mm() make another one of it.
struct UserThread {
	kernel::task_ref task;
	kernel::mm_ref mm;
	unsigned joined = 0;  ///< when its mm_users reference was taken; 0: before all calls
	unsigned segment = 0; ///< barrier()s and system calls so far
	int last = -1;	      ///< its last access
	int last_point = -1;
	bool gone = false; ///< has left the mm, and its mm_users reference is dropped
};

struct UserAccess {
	unsigned thread = 0;
	bool store = false;
	std::uint8_t var = 0;
	int location = 0;
	std::uint32_t number = 0; ///< of the store; of the one that was read
	unsigned segment = 0;
};

/// Somewhere between two operations: user code of the thread may have done anything there.
struct UserPoint {
	unsigned thread = 0;
	std::uint8_t cpu = 0;
	machine::Clock known; ///< what its CPU knew
};

struct MembarrierCall {
	unsigned caller = 0;
	kernel::MembarrierCmd cmd = kernel::MembarrierCmd::query;
	kernel::mm_ref mm;
	unsigned began = 0;
	int point = -1;	      ///< the caller's last point before it
	int before = -1;      ///< the caller's last access before it
	int returned = -1;    ///< accesses when it returned; -1: not yet
	bool one_cpu = false; ///< MEMBARRIER_CMD_FLAG_CPU: promises nothing to the others
	int result = 0;
	std::uint64_t registered = 0; ///< mms that were registered for GLOBAL_EXPEDITED
	machine::Clock known;	      ///< what the caller knew when it returned
};

class UserHistory
{
public:
	/// The events that on() wants.
	static std::uint64_t events();
	void begin(kernel::Kernel &kernel);
	/// What the event added: an access, a call that returned, or nothing.
	enum class News : std::uint8_t { nothing, access, placed, point, returned };
	News on(const kernel::KernelEvent &event);

	const std::vector<UserAccess> &accesses() const { return accesses_; }
	const std::vector<UserPoint> &points() const { return points_; }
	const std::vector<MembarrierCall> &calls() const { return calls_; }
	const std::vector<UserThread> &threads() const { return threads_; }
	/// The call that returned last.
	const MembarrierCall &last_returned() const { return calls_[last_returned_]; }

	/// The call promises something to that thread.
	bool covers(const MembarrierCall &call, unsigned thread) const;
	/// a com b: rf, fr or co, transitively, on one location.
	bool com(const UserAccess &a, const UserAccess &b) const;
	/// The registrations of an mm: bit i = MembarrierReg i.
	unsigned registrations(kernel::mm_ref mm) const;

	std::string words(const UserAccess &access) const; ///< "'load x' (= 3)"
	std::string words(const MembarrierCall &call) const;

private:
	unsigned thread_of(const kernel::KernelEvent &event);
	void access(const kernel::KernelEvent &event);
	/// In coherence order, `under` that many of those that are there.
	void place(int location, std::uint32_t store, unsigned under);
	int position(int location, std::uint32_t store) const;
	static constexpr unsigned kMmNumbers = 64;

	kernel::Kernel *kernel_ = nullptr;
	unsigned now_ = 0;		    ///< events so far
	unsigned got_[kernel::kTasks] = {}; ///< when the task took its last mm_users reference
	std::vector<UserThread> threads_;
	std::vector<UserAccess> accesses_;
	std::vector<UserPoint> points_;
	std::vector<MembarrierCall> calls_;
	unsigned last_returned_ = 0;
	std::vector<std::vector<std::uint32_t>> coherence_; ///< by location
	std::vector<std::uint32_t> held_;		    ///< made, and not placed yet
	std::uint8_t registered_[kMmNumbers] = {};
};

} // namespace lazymm::oracles
