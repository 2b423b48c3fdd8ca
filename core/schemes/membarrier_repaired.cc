// SPDX-License-Identifier: MIT
// refcount-mb and lazymm-2022-mb: the schemes of those names with a membarrier(2) that keeps its
// promise.
#include "core/schemes/membarrier_repaired.h"

#include "core/schemes/lazymm_2022.h"
#include "core/schemes/refcount.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{

namespace
{
using refcount_mb = with_membarrier<refcount, membarrier_repaired>;
using lazymm_2022_mb = with_membarrier<lazymm_2022, membarrier_repaired>;
} // namespace

REGISTER_SCHEME({
	.name = "refcount-mb",
	.from = "refcount; 618758ed3a4f as its third version had it; Nicholas Piggin, 2020-07-10",
	.summary = "refcount, with two gaps of 6.12's membarrier(2) closed",
	.expect = Expect::sound,
	.make = make<refcount_mb>,
});

REGISTER_SCHEME({
	.name = "lazymm-2022-mb",
	.from = "lazymm-2022; 618758ed3a4f as its third version had it; Nicholas Piggin, "
		"2020-07-10",
	.summary = "lazymm-2022, with two gaps of 6.12's membarrier(2) closed",
	.expect = Expect::sound,
	.make = make<lazymm_2022_mb>,
});

} // namespace lazymm::schemes
