// SPDX-License-Identifier: MIT
// page-table (V1): no CPU's hardware has page tables loaded that are freed. It is about
// rq->loaded_mm, the hardware's truth, which may legally differ from current->active_mm.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class PageTable final : public Oracle
{
public:
	const char *name() const override { return "page-table"; }
	const char *promise() const override
	{
		return "no CPU has page tables loaded, or cached in its TLB, that are freed";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::free_pgd) | bit(EventKind::walk_freed) |
		       bit(EventKind::stale_tlb);
	}

	void begin(kernel::Kernel &kernel) override { kernel_ = &kernel; }

	void on(const KernelEvent &event) override
	{
		switch (event.kind) {
		case EventKind::free_pgd:
			for (int cpu = 0; cpu < static_cast<int>(kernel_->config().cpus); cpu++)
				if (same_mm(kernel_->cpu_rq(static_cast<unsigned>(cpu))
						    .loaded_mm.peek(),
					    event.mm))
					speak(event, "pgd-freed-while-loaded", loaded(event, cpu));
			break;
		case EventKind::walk_freed:
			speak(event, "freed-table-walked",
			      cpu_name(event.cpu) + "'s hardware walks page tables of " +
				      mm_name(event.mm) + " that were freed.");
		case EventKind::stale_tlb:
			speak(event, "stale-tlb",
			      cpu_name(event.cpu) + "'s TLB still has a page of " +
				      mm_name(event.mm) + " that was unmapped and freed.");
		default:
			break;
		}
	}

private:
	std::string loaded(const KernelEvent &event, int cpu)
	{
		return cpu_name(event.cpu) + " frees the pgd of " + mm_name(event.mm) + ", which " +
		       (cpu == event.cpu ? "it has" : cpu_name(cpu) + " has") +
		       " loaded, running " + current_name(*kernel_, cpu) + ".";
	}

	kernel::Kernel *kernel_ = nullptr;
};

REGISTER_ORACLE(PageTable);

} // namespace
} // namespace lazymm::oracles
