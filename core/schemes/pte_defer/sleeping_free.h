// SPDX-License-Identifier: MIT
// mm_structs that are freed behind a wait in __mmdrop(). Whoever drops the last reference where
// nobody may sleep (finish_task_switch(), with preemption off) leaves it to a work item, as
// mmdrop_async() does.
#pragma once

#include "core/schemes/pte_defer/pte_defer.h"

namespace lazymm::schemes
{

class pte_sleeping_free : public pte_halves
{
public:
	void free_mm(kernel::mm_ref mm) override
	{
		if (!atomic())
			return wait_and_free(mm);
		auto work = [](std::uint64_t mm) {
			static_cast<pte_sleeping_free &>(kernel::kernel().scheme())
				.wait_and_free(kernel::Shared<kernel::mm_ref>::from_word(mm));
		};
		kernel::schedule_work(work, kernel::Shared<kernel::mm_ref>::to_word(mm));
	}

protected:
	virtual void wait_and_free(kernel::mm_ref mm) = 0;
};

} // namespace lazymm::schemes
