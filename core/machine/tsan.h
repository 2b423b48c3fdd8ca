// SPDX-License-Identifier: MIT
// What the machine tells TSan. The machine's own .cc files are built without TSan, so that its
// state is invisible; the accesses that it makes for the program under test are announced here.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/machine/access.h"
#include "core/machine/cpu.h"

#if LAZYMM_TSAN
#include <sanitizer/tsan_interface.h>
#include <sanitizer/tsan_interface_atomic.h>
extern "C" {
void __tsan_read8(void *addr);
void __tsan_write8(void *addr);
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
}
#endif

namespace lazymm::machine::tsan
{

inline void acquire([[maybe_unused]] const void *object)
{
#if LAZYMM_TSAN
	__tsan_acquire(const_cast<void *>(object));
#endif
}

inline void release([[maybe_unused]] const void *object)
{
#if LAZYMM_TSAN
	__tsan_release(const_cast<void *>(object));
#endif
}

inline void plain_read([[maybe_unused]] const void *word)
{
#if LAZYMM_TSAN
	__tsan_read8(const_cast<void *>(word));
#endif
}

inline void plain_write([[maybe_unused]] void *word)
{
#if LAZYMM_TSAN
	__tsan_write8(word);
#endif
}

#if LAZYMM_TSAN
using Atomic64 = volatile __tsan_atomic64;

inline Atomic64 *atomic64(const std::atomic<std::uint64_t> &word)
{
	return reinterpret_cast<Atomic64 *>(const_cast<std::atomic<std::uint64_t> *>(&word));
}

inline __tsan_memory_order order(Order o)
{
	switch (o) {
	case Order::acquire:
		return __tsan_memory_order_acquire;
	case Order::release:
		return __tsan_memory_order_release;
	default:
		return __tsan_memory_order_relaxed;
	}
}
#endif

/// Code of the harness that runs on a context's stack (policies, oracles): none of its accesses are
/// the kernel's.
class Ignore
{
public:
	Ignore()
	{
#if LAZYMM_TSAN
		AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
		AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
	}
	~Ignore()
	{
#if LAZYMM_TSAN
		AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
		AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#endif
	}
	Ignore(const Ignore &) = delete;
	Ignore &operator=(const Ignore &) = delete;
};

} // namespace lazymm::machine::tsan
