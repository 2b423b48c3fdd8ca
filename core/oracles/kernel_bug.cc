// SPDX-License-Identifier: MIT
// kernel-bug: the kernel's own assertions hold. A BUG_ON or WARN_ON of the tiny kernel or of a
// scheme is what its author would see in dmesg.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;

class KernelBug final : public Oracle
{
public:
	const char *name() const override { return "kernel-bug"; }
	const char *promise() const override
	{
		return "no BUG_ON and no WARN_ON of the kernel's own triggers";
	}
	std::uint64_t events() const override { return bit(EventKind::bug) | bit(EventKind::warn); }

	void begin(kernel::Kernel &kernel) override { kernel_ = &kernel; }

	void on(const KernelEvent &event) override
	{
		if (event.kind == EventKind::bug)
			speak(event, event.text, text(event, "BUG_ON("));
		// Those are stale-active-mm's.
		if (!about_active_mm(event.text))
			speak(event, std::string("warn: ") + event.text, text(event, "WARN_ON("));
	}

	void on_free(const KernelEvent &event) override { on(event); }

private:
	std::string text(const KernelEvent &event, const char *macro)
	{
		return cpu_name(event.cpu) + ", running " + current_name(*kernel_, event.cpu) +
		       ": " + macro + event.text + ")" + at_place(event.file, event.line) + ".";
	}

	kernel::Kernel *kernel_ = nullptr;
};

REGISTER_ORACLE(KernelBug);

} // namespace
} // namespace lazymm::oracles
