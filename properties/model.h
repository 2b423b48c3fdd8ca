// SPDX-License-Identifier: MIT
// What tasks and their mms are, without any of what keeps a lazily used mm alive: the reference
// that the tiny kernel is held against, one operation after the other.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/harness/in_turn.h"
#include "core/schedule/schedule.h"

namespace lazymm::properties
{

struct Model {
	/// As at boot; the seed is that of the order (in_turn.h).
	Model(std::uint32_t seed, unsigned cpus);

	/// Whether the model can tell what the operation of the CPU whose turn it is does.
	bool knows(const schedule::Op &op) const;
	/// Carries it out. Then it is the next one's turn.
	void carry_out(const schedule::Op &op);
	/// Nothing happens, and it is the next one's turn.
	void pass() { cpu = next_turn(turns, cpus); }
	/// What there is to compare, a line each.
	std::vector<std::string> lines() const;

	struct Task {
		bool there = false, kernel = false;
		int mm = 0, used = 0, got = 0, pinned = 0; ///< numbers; 0: none
		int cpu = -1;				   ///< that it runs on
		bool died = false;
	};
	std::uint32_t seed;
	schedule::Rng turns;
	unsigned cpus, cpu;	 ///< whose turn it is
	std::vector<Task> tasks; ///< A..F, K, L, then kthread and idle of each CPU
	std::array<unsigned, schedule::kMaxCpus> current, active; ///< task; number of active_mm
	std::vector<int> users = { 0, 1 };			  ///< mm_users, by number

private:
	unsigned named(unsigned operand) const;
	void run(unsigned task);
	void leave(int &mm);
	int join(int mm);
	int make_mm();
};

} // namespace lazymm::properties
