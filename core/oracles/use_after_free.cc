// SPDX-License-Identifier: MIT
// use-after-free: nobody follows a reference to an mm_struct that was freed. The kernel's
// references know their generation, so this is seen although the memory is a pool's, and although
// another mm may live there by now.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class UseAfterFree final : public Oracle
{
public:
	const char *name() const override { return "use-after-free"; }
	const char *promise() const override
	{
		return "nobody follows a reference to an mm_struct that was freed";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::free_mm) | bit(EventKind::use_after_free);
	}

	void begin(kernel::Kernel &kernel) override
	{
		kernel_ = &kernel;
		any_ = 0;
	}

	void on(const KernelEvent &event) override
	{
		if (event.kind == EventKind::free_mm)
			remember(event);
		else if (!event.mm)
			speak(event, "task_struct",
			      cpu_name(event.cpu) + ", running " +
				      current_name(*kernel_, event.cpu) +
				      ", follows a reference to the task " +
				      kernel::task_name(event.task.slot()) + ", which was freed.");
		else
			speak(event, "mm_struct", text(event));
	}

	/// Who freed it is in no books here.
	void on_free(const KernelEvent &event) override
	{
		if (event.kind == EventKind::use_after_free)
			on(event);
	}

private:
	/// The last mm that was freed in a slot of the pool.
	struct Freed {
		kernel::mm_ref mm;
		int cpu = 0;
		const char *file = "";
		unsigned line = 0;
	};

	void remember(const KernelEvent &event)
	{
		any_ |= 1u << event.mm.slot();
		freed_[event.mm.slot()] = { event.mm, event.cpu, event.file, event.line };
	}

	std::string text(const KernelEvent &event)
	{
		const Freed &freed = freed_[event.mm.slot()];
		std::string text = cpu_name(event.cpu) + ", running " +
				   current_name(*kernel_, event.cpu) + ", follows a reference to " +
				   mm_name(event.mm) + ", which ";
		if (!(any_ >> event.mm.slot() & 1))
			return text + "was freed.";
		if (same_mm(freed.mm, event.mm))
			return text + cpu_name(freed.cpu) + " freed" +
			       at_place(freed.file, freed.line) + ".";
		return text + "was freed; " + mm_name(freed.mm) +
		       " has lived and died in its memory since.";
	}

	kernel::Kernel *kernel_ = nullptr;
	std::uint32_t any_ = 0; ///< slots in which an mm was freed, a bit each
	Freed freed_[kernel::kMms];
};

REGISTER_ORACLE(UseAfterFree);

} // namespace
} // namespace lazymm::oracles
