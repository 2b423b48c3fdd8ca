// SPDX-License-Identifier: MIT
// What a run has left behind: who runs where, in which mm, lazy on which, and how many users each
// mm has, as lines. The oracles are silent: what is there is to be compared, whatever they say. But
// not where the kernel touches what is freed: ASan would have the last word.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/harness/run.h"

namespace lazymm::properties
{

class KernelState final : public oracles::Oracle
{
public:
	std::vector<std::string> lines;

	/// For a run of operations in turn that leaves its state here.
	RunOptions options()
	{
		return { .oracles = { "use-after-free" }, .in_turn = true, .observer = this };
	}

	const char *name() const override { return "kernel-state"; }
	const char *promise() const override { return "none: it only looks"; }

	void end(kernel::Kernel &kernel, Outcome) override
	{
		for (unsigned i = 0; i < kernel.config().cpus; i++) {
			const auto &task = *static_cast<const kernel::task_struct *>(
				kernel.machine().cpu(i).task);
			lines.push_back(fmt::format("CPU{} runs {}, mm {}, active_mm {}", i,
						    kernel::task_name(task.slot),
						    number(task.mm.peek()),
						    number(task.active_mm.peek())));
		}
		std::map<unsigned, int> users;
		for (unsigned slot = 0; slot < kernel::kMms; slot++)
			if (kernel.mm_allocated(slot))
				users[number(kernel.ref(kernel.mm(slot), slot))] =
					kernel.mm(slot).mm_users.peek();
		for (const auto &[mm, n] : users)
			if (mm != 0 && n > 0)
				lines.push_back(fmt::format("mm{} has {} users", mm, n));
	}

private:
	static unsigned number(kernel::mm_ref mm) { return mm ? mm.number() : 0; }
};

} // namespace lazymm::properties
