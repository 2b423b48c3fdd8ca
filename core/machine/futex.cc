// SPDX-License-Identifier: MIT
// Built without any sanitizer: what is exchanged here must not become a happens-before edge.
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/machine/cpu.h"
#include "core/machine/executor.h"

namespace lazymm::machine
{

thread_local constinit Cpu *t_cpu = nullptr;

namespace
{

// The raw call on the atomic's address: libc's semaphores and mutexes are intercepted by TSan, and
// each of their hand-overs would order, and so hide, the race that it is to report.
long futex(std::atomic<std::uint32_t> &word, int op, std::uint32_t value)
{
	static_assert(sizeof word == sizeof(std::uint32_t) &&
		      std::atomic<std::uint32_t>::is_always_lock_free);
	return syscall(SYS_futex, &word, op | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

} // namespace

void futex_wait(std::atomic<std::uint32_t> &word, std::uint32_t value)
{
	// The kernel looks at the word again before it blocks: a wake-up in between is not lost.
	while (word.load(std::memory_order_acquire) == value)
		futex(word, FUTEX_WAIT, value);
}

void futex_wake(std::atomic<std::uint32_t> &word)
{
	futex(word, FUTEX_WAKE, INT_MAX);
}

} // namespace lazymm::machine
