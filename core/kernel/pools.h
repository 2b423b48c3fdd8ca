// SPDX-License-Identifier: MIT
// What ASan is told of the type-stable pool of mms.
#pragma once

#include "core/kernel/types.h"

#if LAZYMM_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace lazymm::kernel
{

/// ASan knows a freed mm from an allocated one although its memory is the pool's.
inline void poison([[maybe_unused]] mm_struct &mm)
{
#if LAZYMM_ASAN
	__asan_poison_memory_region(&mm, sizeof mm);
#endif
}

inline void unpoison([[maybe_unused]] mm_struct &mm)
{
#if LAZYMM_ASAN
	__asan_unpoison_memory_region(&mm, sizeof mm);
#endif
}

} // namespace lazymm::kernel
