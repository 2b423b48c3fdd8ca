// SPDX-License-Identifier: MIT
// shootdown-all: shootdown that shoots at every online CPU.
//
// From: Joel Fernandes, 2024-10-08, in reply to "[RFC PATCH v3 4/4] sched+mm: Use hazard pointers
// to track lazy active mm existence": MMU_LAZY_TLB_SHOOTDOWN for everyone, with on_each_cpu(). A
// proposal in words; no patch was posted.
//
// No CPU has to be in mm_cpumask while it is lazy. What else shootdown leans on it leans on too:
// on_each_cpu() means the online mask, so a CPU has to leave the mm before it leaves that (H3).
// Cost: as many IPIs as there are CPUs for each mm.
#include "core/schemes/shootdown_all.h"

#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

std::uint32_t shootdown_all::lazy_cpus(mm_ref)
{
	return cpu_online_mask();
}

REGISTER_SCHEME({
	.name = "shootdown-all",
	.from = "Joel Fernandes, 2024-10-08, reply to hazptr v3; hot-unplug 21641bd9a7a7 (H3)",
	.summary = "shootdown with an IPI to every online CPU, whatever mm_cpumask says",
	.expect = Expect::sound,
	.make = make<with_membarrier<shootdown_all, membarrier_repaired>>,
	.unsuited = { { ArchKind::deferred, "the handler does without "
					    "finish_arch_post_lock_switch()" },
		      { ArchKind::broadcast, "no ARCH_WANT_IRQS_OFF_ACTIVATE_MM: an exec is shot "
					     "at half way" } },
});

} // namespace lazymm::schemes
