// SPDX-License-Identifier: MIT
// All CPUs are shot at; see shootdown_all.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/shootdown.h"

namespace lazymm::schemes
{

class shootdown_all : public shootdown
{
protected:
	std::uint32_t lazy_cpus(kernel::mm_ref mm) override;
};

} // namespace lazymm::schemes
