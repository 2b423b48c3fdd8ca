// SPDX-License-Identifier: MIT
// core-serialised (V7): when membarrier(2) SYNC_CORE has returned, no thread of the mm runs code as
// it was before a patch that preceded the call. A CPU that has not core-serialised since the patch
// (IRET, CR3 write, sync_core()) may still have the old code in its pipeline.
#include "core/kernel/membarrier.h"
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class CoreSerialised final : public Oracle
{
public:
	const char *name() const override { return "core-serialised"; }
	const char *promise() const override
	{
		return "behind membarrier(2) sync-core no thread of the mm runs code of before";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::patched) | bit(EventKind::core_serialised) |
		       bit(EventKind::membarrier_call) | bit(EventKind::membarrier_return) |
		       bit(EventKind::user_code) | bit(EventKind::user_mode);
	}

	void begin(kernel::Kernel &kernel) override
	{
		kernel_ = &kernel;
		now_ = 0;
		for (unsigned &when : serialised_)
			when = 0;
		for (Mm &mm : mms_)
			mm = {};
		for (Call &call : calls_)
			call = {};
	}

	void on(const KernelEvent &event) override
	{
		now_++;
		switch (event.kind) {
		case EventKind::patched:
			if (!same_mm(mm(event).mm, event.mm))
				mm(event) = { .mm = event.mm };
			mm(event).patched = now_;
			break;
		case EventKind::core_serialised:
			serialised_[event.cpu] = now_;
			break;
		case EventKind::membarrier_call:
			// What was patched before the call counts.
			calls_[event.task.slot()] = {};
			if (is_sync_core(event) && same_mm(mm(event).mm, event.mm))
				calls_[event.task.slot()] = { mm(event).patched };
			break;
		case EventKind::membarrier_return:
			if (is_sync_core(event) && event.count == 0 &&
			    same_mm(mm(event).mm, event.mm)) {
				const unsigned patch = calls_[event.task.slot()].patch;
				if (patch > mm(event).promised)
					mm(event).promised = patch;
				mm(event).by = event.task.slot();
			}
			break;
		default:
			user_code(event);
			break;
		}
	}

private:
	struct Mm {
		kernel::mm_ref mm;
		unsigned patched = 0;  ///< when it was patched last
		unsigned promised = 0; ///< all CPUs have the code of then
		unsigned by = 0;       ///< whose call promised it
	};
	struct Call {
		unsigned patch = 0;
	};

	static bool is_sync_core(const KernelEvent &event)
	{
		return event.value == static_cast<int>(kernel::MembarrierCmd::sync_core);
	}
	Mm &mm(const KernelEvent &event) { return mms_[event.mm.slot()]; }

	void user_code(const KernelEvent &event)
	{
		const kernel::task_struct *task = current_task(*kernel_, event.cpu);
		// A kernel thread in kthread_use_mm() runs the kernel's code.
		if (task->kthread || !same_mm(mm(event).mm, event.mm) ||
		    serialised_[event.cpu] >= mm(event).promised)
			return;
		speak(event, "stale-code",
		      kernel::task_name(event.task.slot()) + " runs code of " + mm_name(event.mm) +
			      " on " + cpu_name(event.cpu) +
			      ", which has not core-serialised since the code was patched; "
			      "membarrier(sync-core) of " +
			      kernel::task_name(mm(event).by) + " has returned since.");
	}

	kernel::Kernel *kernel_ = nullptr;
	unsigned now_ = 0;
	unsigned serialised_[kernel::kMaxCpus] = {};
	Mm mms_[kernel::kMms];
	Call calls_[kernel::kTasks];
};

REGISTER_ORACLE(CoreSerialised);

} // namespace
} // namespace lazymm::oracles
