// SPDX-License-Identifier: MIT
// page-table (V1): no CPU's hardware has page tables loaded that are freed. It is about
// rq->loaded_mm, the hardware's truth, which may legally differ from current->active_mm.
//
// That is so for the pgd. User page tables are gone from a lazy CPU's pgd as well once exit_mmap()
// has freed them, and where the flush that goes with it is an IPI no walk is under way any more;
// that they are freed while the pgd is loaded is a violation (V1b) only where the scheme promises
// that it is not (Scheme::leaves_before_exit_mmap()).
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
		return bit(EventKind::free_pgd) | bit(EventKind::free_tables) |
		       bit(EventKind::walk_freed) | bit(EventKind::stale_tlb);
	}

	void begin(kernel::Kernel &kernel) override { kernel_ = &kernel; }

	/// Whatever had an mm when its script ended goes on running user code.
	void end(kernel::Kernel &kernel, machine::Outcome outcome) override
	{
		if (outcome != machine::Outcome::completed)
			return;
		for (int cpu = 0; cpu < static_cast<int>(kernel.config().cpus); cpu++) {
			const kernel::rq &rq = kernel.cpu_rq(static_cast<unsigned>(cpu));
			const kernel::mm_ref mm = rq.loaded_mm.peek();
			if (current_task(kernel, cpu)->mm.peek() && kernel.tlb_is_stale(rq, mm))
				speak_at_end("stale-tlb", stale(cpu, mm), cpu,
					     static_cast<int>(mm.number()));
		}
	}

	void on(const KernelEvent &event) override
	{
		switch (event.kind) {
		case EventKind::free_pgd:
			look(event, "pgd-freed-while-loaded", "the pgd");
			break;
		case EventKind::free_tables:
			if (kernel_->scheme().leaves_before_exit_mmap())
				look(event, "tables-freed-while-loaded", "user page tables");
			break;
		case EventKind::walk_freed:
			if (*event.text)
				speak(event, "freed-table-walked",
				      cpu_name(event.cpu) + " walks a page table of " +
					      mm_name(event.mm) +
					      " under rcu_read_lock() that is freed already.");
			speak(event, "freed-table-walked",
			      cpu_name(event.cpu) + "'s hardware walks page tables of " +
				      mm_name(event.mm) + " that were freed.");
		case EventKind::stale_tlb:
			speak(event, "stale-tlb", stale(event.cpu, event.mm));
		default:
			break;
		}
	}

private:
	static std::string stale(int cpu, kernel::mm_ref mm)
	{
		return cpu_name(cpu) + "'s TLB still has a page of " + mm_name(mm) +
		       " that was unmapped and freed.";
	}

	/// Who has loaded what is freed?
	void look(const KernelEvent &event, const char *kind, const char *freed)
	{
		for (int cpu = 0; cpu < static_cast<int>(kernel_->config().cpus); cpu++)
			if (same_mm(kernel_->cpu_rq(static_cast<unsigned>(cpu)).loaded_mm.peek(),
				    event.mm))
				speak(event, kind, loaded(event, cpu, freed));
	}

	std::string loaded(const KernelEvent &event, int cpu, const char *freed)
	{
		return cpu_name(event.cpu) + " frees " + freed + " of " + mm_name(event.mm) +
		       ", which " + (cpu == event.cpu ? "it has" : cpu_name(cpu) + " has") +
		       " loaded, running " + current_name(*kernel_, cpu) + ".";
	}

	kernel::Kernel *kernel_ = nullptr;
};

REGISTER_ORACLE(PageTable);

} // namespace
} // namespace lazymm::oracles
