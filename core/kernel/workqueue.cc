// SPDX-License-Identifier: MIT
#include "core/kernel/workqueue.h"

#include <cstdio>
#include <cstdlib>

#include "core/kernel/books.h"
#include "core/kernel/kernel.h"
#include "core/machine/tsan.h"

namespace lazymm::kernel
{

void schedule_work(void (*fn)(std::uint64_t), std::uint64_t arg)
{
	const Books books;
	workqueue &wq = kernel().wq;
	if (wq.count == workqueue::kItems) {
		std::fprintf(stderr, "lazymm: bug in the harness: too many work items\n");
		std::abort();
	}
	work_item &w = wq.items[wq.count++];
	w.fn = fn;
	w.arg = arg;
	w.queued = {};
	this_machine().release(w.queued);
	// Items move, and with them what TSan would know them by: to it the queue is a lock, as
	// pool->lock is.
	machine::tsan::release(&wq);
}

void run_work()
{
	workqueue &wq = kernel().wq;
	while (wq.count) {
		unsigned i = this_machine().pick(wq.count, "work item");
		work_item w;
		{
			const Books books;
			if (i >= wq.count)
				continue;
			w = wq.items[i];
			for (unsigned j = i + 1; j < wq.count; j++)
				wq.items[j - 1] = wq.items[j];
			wq.count--;
		}
		this_machine().acquire(w.queued);
		machine::tsan::acquire(&wq);
		w.fn(w.arg);
	}
}

} // namespace lazymm::kernel
