// SPDX-License-Identifier: MIT
// The mm ledger: every mm_count reference by its holder. mm_count says *that* something is wrong,
// the ledger says *which* reference: the one that was never dropped, or that nobody had taken.
//
// It explains and does not judge. A scheme may take a reference for one holder and drop it for
// another (LAZY_MM moves references from a batch into mailboxes), and is none the worse for it as
// long as the numbers are right. So a run only writes down what happened, 2 ns a line; accounts are
// made when somebody wants to know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/oracles/words.h"

namespace lazymm::oracles
{

class Ledger
{
public:
	void begin(kernel::Kernel &kernel)
	{
		kernel_ = &kernel;
		used_ = 0;
	}
	/// `times` references to event.mm were taken for event.holder, or dropped if negative.
	void post(const kernel::KernelEvent &event, int times)
	{
		Line &line = lines_[used_ < kLines ? used_ : kLines - 1];
		used_++;
		line.mm = event.mm;
		line.holder = event.holder;
		line.id = static_cast<std::int8_t>(event.holder_id);
		line.times = static_cast<std::int16_t>(times);
		line.cpu = event.cpu;
		line.line = event.line;
		line.file = event.file;
		line.task = current_task(*kernel_, event.cpu);
	}

	/// References that were dropped and that nobody had taken, as sentences: " The lazy
	/// reference of CPU1 was dropped by A on CPU0 (cpu.cc:80) but never taken."; "" if there
	/// are none, or if the ledger does not know.
	std::string never_taken(kernel::mm_ref mm) const;
	/// References that ought to have been dropped, as sentences. Where no single one is to
	/// blame: all that are left.
	std::string never_dropped(kernel::mm_ref mm) const;
	/// Holders that ought to have a reference and have none, as sentences.
	std::string missing(kernel::mm_ref mm) const;

private:
	struct Line {
		kernel::mm_ref mm;
		kernel::Holder holder = kernel::Holder::users;
		std::int8_t id = -1;
		std::int16_t times = 0;
		int cpu = 0;
		unsigned line = 0;
		const char *file = "";
		const kernel::task_struct *task = nullptr; ///< who did it
	};
	static constexpr unsigned kLines = 2048;

	/// Not in free mode, which has no events, nor in runs that are too long. Findings are as
	/// right then, but name nobody.
	bool complete() const { return used_ <= kLines && kernel_->machine().stepped(); }

	/// What each holder of mm has left, or owes: a line per holder, the last one that counted.
	std::vector<Line> accounts(kernel::mm_ref mm) const;
	std::string left_over(kernel::mm_ref mm, bool all) const;

	kernel::Kernel *kernel_ = nullptr;
	unsigned used_ = 0;
	Line lines_[kLines];
};

/// How many references of that holder the state of the kernel calls for (schemes.md 3). For
/// explanations only: what a scheme's own rules call for is Scheme::expected_mm_count().
int called_for(kernel::Kernel &kernel, kernel::mm_ref mm, kernel::Holder holder, int id);

} // namespace lazymm::oracles
