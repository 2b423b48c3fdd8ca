// SPDX-License-Identifier: MIT
// One execution of a compiled test on the machine: thread i is CPU i, every access is one of the
// machine's.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/litmus/dependency.h"
#include "core/litmus/grace_period.h"
#include "core/litmus/program.h"
#include "core/machine/machine.h"

namespace lazymm::litmus
{

class Execution
{
public:
	/// Both must outlive it.
	Execution(machine::Machine &machine, const Program &program);

	/// Runs the test once. Counts if Outcome::completed and neither cut() nor wrong(); no
	/// allocation.
	machine::Outcome run(machine::Policy &policy, machine::Memory memory);

	// After a run.

	/// A loop went round kMaxRounds times: some executions are not seen.
	bool cut() const { return cut_; }
	/// What the test did that has no meaning, or nullptr; and where.
	const char *wrong() const { return wrong_; }
	Position wrong_at() const { return wrong_at_; }
	std::int64_t final_value(const Column &column) const;
	std::int64_t final_register(std::uint32_t thread, std::uint32_t index) const;
	std::int64_t final_memory(std::uint32_t location) const;
	std::uint32_t steps() const { return machine_.steps(); }

	// For policies, during a run.

	/// What the CPU is about to do, or does. A store in its buffer may go out with any step.
	Footprint pending(unsigned cpu) const
	{
		Footprint f = threads_[cpu].pending;
		f.writes |= threads_[cpu].buffered;
		return f;
	}
	/// What the CPU may still do, that included.
	Footprint future(unsigned cpu) const;
	/// Which of the CPU's next accesses, bit 0 = the next, may be loads that a store made now
	/// can stay behind.
	unsigned loads_ahead(unsigned cpu) const;
	/// The store at hand stays in the CPU's buffer.
	void hold(unsigned cpu) { threads_[cpu].buffered |= threads_[cpu].pending.writes; }
	/// The CPU wants a lock that somebody holds.
	bool blocked(unsigned cpu) const;
	/// The policy is no longer interested: the run ends after the access at hand.
	void abandon() { abandoned_ = true; }

	static constexpr std::uint32_t kMaxRounds = 32;

private:
	using Word = machine::Shared<std::uint64_t>;

	struct Round {
		std::uint64_t state = 0; ///< of the slots, hashed
		std::uint32_t stores = 0;
		std::uint32_t count = 0;
	};
	struct Thread {
		Execution *execution = nullptr;
		const Code *code = nullptr;
		std::vector<std::int64_t> slots;
		std::vector<Round> rounds; ///< per loop
		Dependencies dependencies;
		std::uint32_t at = 0; ///< instruction
		std::uint32_t stores = 0;
		Footprint pending;
		std::uint64_t buffered = 0;  ///< tso: locations whose stores may still be held
		const Word *wants = nullptr; ///< a lock
		std::uint8_t index = 0;
		machine::Clock unlock_known;	 ///< at this CPU's last unlock: C | A
		machine::Clock unlock_published; ///< R and its own stores
	};

	static void entry(void *thread);
	void run_thread(Thread &thread);
	void access(Thread &thread, const Instr &instr);
	std::int64_t perform(Thread &thread, const Instr &instr, std::uint32_t location);
	void full_barrier(Thread &thread);
	std::uint64_t rmw(Thread &thread, const Instr &instr, std::uint32_t location);
	std::int64_t add_unless(Thread &thread, const Instr &instr, Word &word);
	void lock(Thread &thread, std::uint32_t location);
	void after_lock(Thread &thread, std::uint32_t location);
	void unlock(Thread &thread, std::uint32_t location);
	void synchronize(Thread &thread);
	void marker(Thread &thread);
	void go_round(Thread &thread, const Instr &instr);
	void after_access();
	[[noreturn]] void stop(const char *what, Position at);

	machine::Machine &machine_;
	const Program &program_;
	std::deque<Word> words_;
	std::vector<machine::Clock> lock_published_; ///< per location, at its last unlock
	std::deque<Word> markers_; ///< per thread: loads of it stand for what has no access
	Thread threads_[machine::kMaxCpus];
	GracePeriods rcu_;
	machine::Memory memory_{};
	bool abandoned_ = false;
	bool cut_ = false;
	const char *wrong_ = nullptr;
	Position wrong_at_;
};

} // namespace lazymm::litmus
