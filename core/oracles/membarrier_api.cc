// SPDX-License-Identifier: MIT
// membarrier-api: a private expedited command is refused (EPERM) until the mm has registered for
// it, and is carried out from then on. exec makes another mm, which has registered for nothing;
// fork copies registrations.
#include "core/oracles/user_history.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::KernelEvent;
using kernel::MembarrierCmd;
using kernel::MembarrierReg;

class MembarrierApi final : public Oracle
{
public:
	const char *name() const override { return "membarrier-api"; }
	const char *promise() const override
	{
		return "membarrier(2) refuses a private command without registration of this image";
	}
	std::uint64_t events() const override { return UserHistory::events(); }
	void begin(kernel::Kernel &kernel) override { history_.begin(kernel); }

	void on(const KernelEvent &event) override
	{
		if (history_.on(event) != UserHistory::News::returned)
			return;
		const MembarrierCall &call = history_.last_returned();
		MembarrierReg reg;
		switch (call.cmd) {
		case MembarrierCmd::private_expedited:
			reg = MembarrierReg::private_expedited;
			break;
		case MembarrierCmd::sync_core:
			reg = MembarrierReg::sync_core;
			break;
		case MembarrierCmd::rseq:
			reg = MembarrierReg::rseq;
			break;
		default:
			return;
		}
		const unsigned bit = 1u << static_cast<unsigned>(reg);
		if (call.result == 0 && !(history_.registrations(event.mm) & bit))
			speak(event, "not-registered",
			      history_.words(call) + " is carried out although " +
				      mm_name(event.mm) + " has not registered for it.");
	}

private:
	UserHistory history_;
};

REGISTER_ORACLE(MembarrierApi);

} // namespace
} // namespace lazymm::oracles
