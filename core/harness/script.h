// SPDX-License-Identifier: MIT
// Carries out the scripts: which operation a CPU's current task does next, and what it is in terms
// of the kernel.
#pragma once

#include <vector>

#include "core/kernel/kernel.h"
#include "core/schedule/schedule.h"

namespace lazymm
{

class Script final : public kernel::Driver
{
public:
	/// Lays the operations of `schedule` out by activity; the schedule must outlive the run.
	void begin(const schedule::Schedule &schedule);
	const schedule::Schedule &schedule() const { return *schedule_; }
	const std::vector<const schedule::Op *> &ops() const { return ops_; }
	/// Operations that have begun.
	unsigned begun() const { return begun_; }
	/// Whether concurrency ids matter: CONFIG_SCHED_MM_CID.
	bool compacts_cids() const { return mm_cid_; }

	void run_task(kernel::task_struct &task) override;
	void preempted() override;

private:
	/// The CPU's next operation (any, or the next `switch`), or -1; it has begun then.
	int take(unsigned cpu, bool only_switch);
	void carry_out(int op);
	/// What an idle CPU does when nobody can move: a task that is half done, softirqs, work.
	void help();

	const schedule::Schedule *schedule_ = nullptr;
	std::vector<const schedule::Op *> ops_;
	std::vector<bool> taken_;
	bool probes_ = false; ///< there are operations of user code
	bool mm_cid_ = false;
	unsigned next_[kernel::kMaxCpus] = {};
	unsigned end_[kernel::kMaxCpus] = {};
	unsigned begun_ = 0;
};

} // namespace lazymm
