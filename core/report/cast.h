// SPDX-License-Identifier: MIT
// Who runs where, on which mm: followed through a trace, for the remarks behind operations.
// Internal to reports.
#pragma once

#include "core/kernel/types.h"
#include "core/machine/trace.h"

#include <array>
#include <string>

namespace lazymm::report
{

class Cast
{
public:
	/// As at boot: A on cpu0 with mm1, idle tasks on the others with init_mm.
	Cast();

	/// Takes up one event.
	void follow(const machine::Event &event);

	/// "idle/1": the task that runs on the CPU.
	std::string current(unsigned cpu) const;
	/// "mm1", or "lazy mm1" if the task there has no mm of its own: its active_mm, or what is
	/// loaded if the scheme keeps no active_mm.
	std::string memory(unsigned cpu) const;
	/// Does an idle task run there?
	bool idle(unsigned cpu) const;

private:
	struct Task {
		std::string active; ///< name of its active_mm
		bool lazy = true;
	};
	Task *find(const char *comm);

	std::array<Task, kernel::kTasks> tasks_;
	std::array<unsigned, kernel::kMaxCpus> current_;
	std::array<std::string, kernel::kMaxCpus> loaded_;
};

} // namespace lazymm::report
