// SPDX-License-Identifier: MIT
// membarrier(2), CPUs and futexes of the host, for host_membarrier.cc.
#pragma once

#include "fuzz/lazymm/host_membarrier.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_membarrier

namespace lazymm::command::host
{

using Clock = std::chrono::steady_clock;
using Checks = std::vector<HostCheck>;

/// include/uapi/linux/membarrier.h; the headers of a build may be older than the kernel it runs on.
enum Command : int {
	query = 0,
	global_expedited = 1 << 1,
	register_global_expedited = 1 << 2,
	private_expedited = 1 << 3,
	register_private_expedited = 1 << 4,
	sync_core = 1 << 5,
	register_sync_core = 1 << 6,
	rseq = 1 << 7,
	register_rseq = 1 << 8,
	get_registrations = 1 << 9,
};

constexpr std::pair<int, const char *> kCommands[] = {
	{ 1 << 0, "GLOBAL" },
	{ global_expedited, "GLOBAL_EXPEDITED" },
	{ register_global_expedited, "REGISTER_GLOBAL_EXPEDITED" },
	{ private_expedited, "PRIVATE_EXPEDITED" },
	{ register_private_expedited, "REGISTER_PRIVATE_EXPEDITED" },
	{ sync_core, "PRIVATE_EXPEDITED_SYNC_CORE" },
	{ register_sync_core, "REGISTER_PRIVATE_EXPEDITED_SYNC_CORE" },
	{ rseq, "PRIVATE_EXPEDITED_RSEQ" },
	{ register_rseq, "REGISTER_PRIVATE_EXPEDITED_RSEQ" },
	{ get_registrations, "GET_REGISTRATIONS" },
};

/// As in the kernel: 0 or more, or -errno.
inline int membarrier(int command, unsigned flags = 0)
{
	const long value = syscall(SYS_membarrier, command, flags, 0);
	return value < 0 ? -errno : static_cast<int>(value);
}

inline std::string returned(int value)
{
	return value < 0 ? strerrorname_np(-value) : std::to_string(value);
}

inline void futex_wait(std::atomic<int> &word, int value)
{
	syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

inline void futex_wake(std::atomic<int> &word)
{
	syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

/// Between the processes.
struct Shared {
	std::atomic<bool> stop{ false }; ///< the command was interrupted
	/// 0, or partners take all CPUs but this one (its number + 1) in turns with us.
	std::atomic<int> turns{ 0 };
};

/// barrier(): for the compiler only, which is all that one side of membarrier(2) needs.
inline void barrier()
{
	std::atomic_signal_fence(std::memory_order_seq_cst);
}

inline bool pin(int cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(static_cast<std::size_t>(cpu), &set);
	return sched_setaffinity(0, sizeof set, &set) == 0;
}

inline std::vector<int> usable_cpus()
{
	std::vector<int> cpus;
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return cpus;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(static_cast<std::size_t>(cpu), &set))
			cpus.push_back(cpu);
	}
	return cpus;
}

/// Function call IPIs that a CPU has got so far, or nothing if that cannot be known.
inline std::optional<long> function_calls(int cpu)
{
	std::ifstream file("/proc/interrupts");
	std::string line, word;
	if (!std::getline(file, line))
		return {};
	std::istringstream header(line);
	int column = 0, at = -1;
	for (; header >> word; column++) {
		if (word == "CPU" + std::to_string(cpu))
			at = column;
	}
	while (at >= 0 && std::getline(file, line)) {
		if (line.find("Function call interrupts") == std::string::npos)
			continue;
		std::istringstream row(line);
		row >> word;
		long value = -1;
		for (int i = 0; i <= at; i++)
			row >> value;
		return row ? std::optional(value) : std::nullopt;
	}
	return {};
}

inline const char *command_name(int command)
{
	for (const auto &[value, name] : kCommands) {
		if (value == command)
			return name;
	}
	return "no call";
}

} // namespace lazymm::command::host

#endif
