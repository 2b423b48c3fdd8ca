// SPDX-License-Identifier: MIT
// pte-defer-percpu-ref: each deferred table holds a reference to the mm_struct that costs no shared
// cache line, a percpu_ref.
//
// From: Jason Gunthorpe, 2023-06-15, in reply to [PATCH 07/12]: "A per-cpu refcount scheme might
// also do the job reasonably". The counter is lib/percpu-refcount.c's (6.12).
//
// Per mm: a counter on each CPU, a central one, and the mode. While the mm lives, get and put count
// on whatever CPU they are; no sum of that means anything. The last mmdrop() kills the reference:
// mode first, then a grace period, behind which nobody counts per CPU any more (they all do so
// inside an RCU section), then the sum goes into the central counter, which was biased until then
// so that it could not fall to zero.
#include "core/schemes/pte_defer/pte_defer.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

namespace
{

struct percpu_ref {
	machine::Owner owner{ "percpu_ref", 0 };
	Shared<int> pcpu[kMaxCpus]{ { "pcpu[0]", &owner },
				    { "pcpu[1]", &owner },
				    { "pcpu[2]", &owner },
				    { "pcpu[3]", &owner } };
	Shared<int> count{ "count", &owner };
	Shared<int> atomic{ "__PERCPU_REF_ATOMIC", &owner };
	mm_ref mm; ///< container_of()
};

class pte_defer_percpu_ref : public pte_halves
{
	static constexpr int kBias = 1 << 20;

public:
	void init_new_context(mm_ref mm) override
	{
		pte_halves::init_new_context(mm);
		percpu_ref &ref = refs_[mm.slot()];
		ref.owner.number = int(mm.number());
		for (auto &n : ref.pcpu)
			n.init(0);
		ref.count.init(1 + kBias);
		ref.atomic.init(0);
		ref.mm = mm;
	}

	void pte_free_defer(mm_ref mm, fragment table) override
	{
		get(refs_[mm.slot()]);
		pte_halves::pte_free_defer(mm, table);
	}

	/// percpu_ref_kill().
	void free_mm(mm_ref mm) override
	{
		percpu_ref &ref = refs_[mm.slot()];
		WRITE_ONCE(ref.atomic, 1);
		kernel::call_rcu(switch_to_atomic_rcu, &ref, "percpu_ref_switch_to_atomic_rcu");
	}

protected:
	void pte_free_now(ptdesc &page, unsigned half) override
	{
		percpu_ref &ref = refs_[READ_ONCE(page.pt_mm).slot()];
		pte_halves::pte_free_now(page, half);
		put(ref);
	}

private:
	/// percpu_ref_get(), percpu_ref_put(): without the last one, nothing is ordered.
	static void get(percpu_ref &ref)
	{
		rcu_read_lock();
		if (!READ_ONCE(ref.atomic))
			atomic_add(1, ref.pcpu[smp_processor_id()]); // this_cpu_add()
		else
			atomic_inc(ref.count);
		rcu_read_unlock();
	}

	static void put(percpu_ref &ref)
	{
		rcu_read_lock();
		if (!READ_ONCE(ref.atomic))
			atomic_sub(1, ref.pcpu[smp_processor_id()]);
		else
			put_atomic(ref, 1);
		rcu_read_unlock();
	}

	static void put_atomic(percpu_ref &ref, int n)
	{
		int old = detail::rmw(ref.count, RmwOp::add, -n, Order::full,
				      &LAZYMM_SITE("percpu_ref_put: count", rmw));
		if (old == n)
			kernel::kernel().free_mm(ref.mm); // softirq: the pgd has gone before
	}

	static void switch_to_atomic_rcu(void *arg)
	{
		auto &ref = *static_cast<percpu_ref *>(arg);
		int sum = 0;
		for (unsigned cpu = 0; cpu < kernel::kernel().config().cpus; cpu++)
			sum += READ_ONCE(ref.pcpu[cpu]);
		atomic_add(sum - kBias, ref.count);
		put_atomic(ref, 1); // percpu_ref_kill()'s own
	}

	percpu_ref refs_[kMms];
};

REGISTER_SCHEME({
	.name = "pte-defer-percpu-ref",
	.from = "Jason Gunthorpe, 2023-06-15, reply to [PATCH 07/12]; lib/percpu-refcount.c",
	.summary = "s390 page tables: each deferred one holds a percpu_ref of the mm_struct",
	.expect = Expect::sound,
	.make = make<pte_defer_percpu_ref>,
	.ops = "tables",
});

} // namespace
} // namespace lazymm::schemes
