// SPDX-License-Identifier: MIT
// What happened in a run, recorded on the second run only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/machine/access.h"

namespace lazymm::machine
{

/// No operation: boot, or a CPU without a script.
inline constexpr std::uint16_t kNoOp = 0xffff;

/// A visible access, or (note != 0) something that the kernel had to say.
struct Event {
	std::uint32_t step = 0; ///< visible accesses of all CPUs before it, plus one
	std::uint16_t op = 0;	///< the activity it belongs to
	std::uint16_t at = 0;	///< its position in that activity
	std::uint8_t cpu = 0;
	std::uint8_t context = 0; ///< the task's context
	AccessKind kind = AccessKind::load;
	Order order = Order::relaxed;
	std::uint8_t note = 0; ///< the kernel's own code
	/// What the policy made of what the memory model left open: a load passed over so many
	/// newer stores, a store went under so many, or is held for so many accesses.
	enum class Reordering : std::uint8_t { none, older, under, held };
	Reordering reordering = Reordering::none;
	std::uint8_t by = 0;
	const char *name = ""; ///< of the location or the wait; a note's text
	Owner owner;	       ///< as it was then
	const char *site = nullptr;
	const char *file = "";
	std::uint32_t line = 0;
	std::uint64_t before = 0; ///< value read (RMW, load); a note's first argument
	std::uint64_t after = 0;  ///< value written (RMW, store); a note's second argument
};

struct Trace {
	std::vector<Event> events;

	/// FNV-1a over everything but addresses: equal runs, equal hashes, on every engine and
	/// under every sanitizer.
	std::uint64_t hash() const;
};

/// "mm1.mm_users", "rq0.curr", "pgd_lock".
std::string location_name(const char *name, const Owner &owner);

} // namespace lazymm::machine
