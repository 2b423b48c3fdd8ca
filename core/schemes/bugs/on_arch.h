// SPDX-License-Identifier: MIT
// A scheme on an architecture that is planted, whatever the schedule says.
#pragma once

#include "core/kernel/arch.h"
#include "core/kernel/scheme.h"

namespace lazymm::schemes
{

template <class S, class A>
class on_arch : public S
{
	kernel::Arch *arch_variant() override { return &arch_; }
	A arch_;
};

} // namespace lazymm::schemes
