// SPDX-License-Identifier: MIT
// What the LAZY_MM family (Andy Lutomirski, 2020 .. 2022) has in common: a hazard pointer per CPU
// that keeps a lazily used mm from being freed, and a mailbox for the reference that an exiting mm
// leaves to a CPU that is still lazy on it.
#pragma once

#include "core/kernel/kernel.h"

namespace lazymm::schemes
{

/// What struct rq gains.
struct lazymm_rq {
	kernel::Owner owner{ "rq", 0 };
	/// Hazard pointer: written by its own CPU, read by whoever tears an mm down.
	kernel::Shared<kernel::mm_ref> lazy_mm{ "lazy_mm", &owner };
	/// An mm_count reference that this CPU must drop; anybody exchanges it.
	kernel::Shared<kernel::mm_ref> drop_mm{ "drop_mm", &owner };
};

class lazymm : public kernel::Scheme
{
public:
	lazymm();
	void reset() override;
	bool counts_lazy() const override { return false; }
	int expected_mm_count(kernel::Kernel &kernel, kernel::mm_ref mm) const override;

protected:
	const lazymm_rq &cpu_rq(unsigned cpu) const { return rqs_[cpu]; }
	lazymm_rq &cpu_rq(unsigned cpu) { return rqs_[cpu]; }
	lazymm_rq &this_rq() { return rqs_[kernel::smp_processor_id()]; }
	/// The hazard pointer's store / its release; told to whoever watches.
	void publish(lazymm_rq &rq, kernel::mm_ref mm,
		     const kernel::Where &where = kernel::Where::current());
	void retract(lazymm_rq &rq, const kernel::Where &where = kernel::Where::current());

private:
	lazymm_rq rqs_[kernel::kMaxCpus];
};

} // namespace lazymm::schemes
