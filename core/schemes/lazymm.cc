// SPDX-License-Identifier: MIT
#include "core/schemes/lazymm.h"

namespace lazymm::schemes
{
using namespace kernel;

lazymm::lazymm()
{
	for (unsigned i = 0; i < kMaxCpus; i++)
		rqs_[i].owner.number = i;
}

void lazymm::reset()
{
	for (lazymm_rq &rq : rqs_) {
		rq.lazy_mm.init({});
		rq.drop_mm.init({});
	}
}

void lazymm::publish(lazymm_rq &rq, mm_ref mm, const Where &where)
{
	// No barrier: the CPU still has an mm_users reference, and __mmput() cannot be called until
	// it is dropped, which is a release (O3, O4).
	WRITE_ONCE(rq.lazy_mm, mm, where);
	kernel::kernel().emit({ .kind = EventKind::lazy_hold, .mm = mm, .value = 1 }, where);
}

void lazymm::retract(lazymm_rq &rq, const Where &where)
{
	mm_ref mm = rq.lazy_mm.here();
	smp_store_release(rq.lazy_mm, nullptr, "lazy_mm: (O5) last use before NULL");
	if (mm)
		kernel::kernel().emit({ .kind = EventKind::lazy_hold, .mm = mm, .value = 0 },
				      where);
}

int lazymm::expected_mm_count(Kernel &kernel, mm_ref mm) const
{
	int n = Scheme::expected_mm_count(kernel, mm);
	// "This rq can hold an extra reference to at most one mm, so the memory wasted [...] is
	// bounded": also of a CPU that is down and looks into its mailbox no more.
	for (unsigned i = 0; i < kernel.config().cpus; i++)
		n += rqs_[i].drop_mm.peek() == mm;
	return n;
}

} // namespace lazymm::schemes
