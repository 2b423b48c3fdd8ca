// SPDX-License-Identifier: MIT
// lazymm-2020: LAZY_MM moves from x86 into the scheduler, as posted. What became lazymm-2021 half a
// year later, with the orderings of a sketch.
//
// From: Andy Lutomirski, 2020-12-03, [RFC v2 2/2] [MOCKUP] "sched/mm: Lightweight lazy mm
// refcounting", e69827244c2f; not merged. On Linux 5.10, with [RFC v2 1/2], which moves
// membarrier's core sync from finish_task_switch() into switch_mm() of a CPU that was lazy on the
// same mm.
//
// Per CPU: lazy_mm (hazard pointer), mm_to_mmdrop (mailbox; drop_mm here).
//
// As lazymm-2021, except that
//   - lazy_mm is cleared in finish_task_switch(), interrupts on, if current has an mm;
//   - by a plain store, and read by a plain load (O5, O6). Where switch_mm() and mmdrop() are full
//   barriers, as here, that is enough;
//   - the scan is of mm_cpumask, on line or not, and takes a reference per CPU.
// Broken as posted, like lazymm-2021: finish_cpu(), exec_mmap(), kthread_use_mm(), exit_mm(); no
// barrier for membarrier in generic code ("the new code doesn't even call mmdrop()"); and the thief
// believes the lazy_mm that it read before it knew whom it robs.
#include "core/kernel/membarrier.h"
#include "core/schemes/lazymm_2021.h"
#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

class lazymm_2020 : public lazymm_2021
{
public:
	void kernel_to_user(rq &rq, task_struct &prev, task_struct &next) override;
	void finish_lazy(rq &rq, mm_ref prev_mm) override;
	void after_exit_mmap(mm_ref mm) override;
	void drop_extra_mm_refs(lazymm_rq &rq);
};

void lazymm_2020::kernel_to_user(rq &, task_struct &prev, task_struct &next)
{
	mm_ref mm = prev.active_mm.load();
	mm_ref next_mm = READ_ONCE(next.mm);
	switch_mm_irqs_off(mm, next_mm);
	if (mm == next_mm && atomic_read(next_mm->membarrier_state) & membarrier_state::sync_core)
		core_serialised();
	prev.active_mm.store(nullptr);
}

void lazymm_2020::finish_lazy(rq &, mm_ref)
{
	lazymm_rq &rq = this_rq();
	mm_ref mm = READ_ONCE(rq.lazy_mm);
	if (READ_ONCE(current_task().mm) && mm) {
		WRITE_ONCE(rq.lazy_mm, nullptr);
		kernel::kernel().emit({ .kind = EventKind::lazy_hold, .mm = mm, .value = 0 });
	}
	drop_extra_mm_refs(rq);
}

/// "Do this unconditionally": a remote CPU may have seen lazy_mm set while we were here.
void lazymm_2020::drop_extra_mm_refs(lazymm_rq &rq)
{
	if (!READ_ONCE(rq.drop_mm))
		return;
	mm_ref old = detail::rmw(rq.drop_mm, RmwOp::exchange, nullptr, Order::relaxed, nullptr);
	if (old)
		mmdrop(old, Holder::mailbox, rq.owner.number);
}

/// mm_fixup_lazy_refs()
void lazymm_2020::after_exit_mmap(mm_ref mm)
{
	WARN_ON(atomic_read(mm->mm_users) != 0, "mm_fixup_lazy_refs: mm_users != 0");
	std::uint32_t mask = READ_ONCE(mm->mm_cpumask);
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++) {
		lazymm_rq &rq = cpu_rq(cpu);
		if (!(mask >> cpu & 1) || !(READ_ONCE(rq.lazy_mm) == mm))
			continue;
		mmgrab(mm, Holder::mailbox, cpu);
		mm_ref old = xchg(rq.drop_mm, mm, "fixup: mm_to_mmdrop");
		WARN_ON(old == mm, "mm_fixup_lazy_refs: posted twice");
		// "We just stole an mm reference from the target CPU [which] is definitely done
		// with old." Not so: lazy_mm was read before.
		if (old)
			mmdrop(old, Holder::mailbox, cpu);
	}
}

} // namespace

REGISTER_SCHEME({
	.name = "lazymm-2020",
	.from = "Andy Lutomirski, 2020-12-03, [RFC v2 2/2] [MOCKUP] e69827244c2f",
	.summary =
		"lazymm-2021's forerunner, as posted: lazy_mm is cleared late; as little converted",
	.expect = Expect::broken,
	.make = make<with_membarrier<lazymm_2020, membarrier_repaired>>,
	.witness = "LMM1:lazymm-2020:ACG9",
});

} // namespace lazymm::schemes
