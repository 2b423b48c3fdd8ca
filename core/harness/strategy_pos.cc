// SPDX-License-Identifier: MIT
// Partial order sampling: Yuan, Yang, Gu: "Partial Order Aware Concurrency Sampling" (CAV 2018).
// Every access gets a random priority; the CPU whose next access has the highest one goes. When an
// access has been made, those that race with it (same location, other CPU, at least one of the two
// writes) draw anew, so that the order of each racing pair is a fresh coin.
//
// Deviates: the next access of a CPU is known from the moment that it is asked about; a CPU that
// has not begun, or that waits, has a priority for one that races with nothing yet. What an
// interrupt handler does comes between a CPU's access and its priority. When all other scripts have
// ended, accesses go by unasked.
#include "core/harness/disturb.h"

namespace lazymm
{

namespace
{

class Pos : public Strategy
{
public:
	void begin(std::uint64_t seed, const RunShape &shape) override
	{
		rng_ = Rng(seed);
		disturb_.begin(rng_);
		for (unsigned i = 0; i < shape.cpus; i++)
			next_[i] = { nullptr, priority(), false, true };
	}

	std::uint32_t lookahead(const Cpu &cpu) override { return alone(cpu) ? 7 : 0; }

	Choice before_access(const Cpu &cpu, const Access &access, CpuSet movable) override
	{
		const unsigned self = cpu.index;
		next_[self] = { access.location,
				next_[self].unknown ? next_[self].priority : priority(),
				machine::is_write(access.kind), false };
		if (disturb_.tick_due(rng_)) {
			makes_its_access(self, movable);
			return disturb_.tick(rng_);
		}
		const unsigned first = highest(movable | cpu_bit(self));
		makes_its_access(first, movable | cpu_bit(self));
		if (first == self)
			return {};
		return { .kind = Choice::run, .cpu = first };
	}

	unsigned next_cpu(const Cpu &cpu, CpuSet movable) override
	{
		next_[cpu.index] = { nullptr, priority(), false, true };
		const unsigned first = highest(movable);
		makes_its_access(first, movable);
		return first;
	}

	std::uint32_t hold_back(const Cpu &) override { return disturb_.hold_back(rng_); }
	unsigned pick(const Cpu &, unsigned n) override { return rng_.below(n); }
	unsigned older(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	unsigned under(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	std::uint32_t hold(const Cpu &) override { return disturb_.hold(rng_); }

private:
	/// The access that a CPU makes when it goes.
	struct Next {
		const machine::Location *location = nullptr; ///< nullptr: races with nothing
		std::uint32_t priority = 0;
		bool writes = false;
		bool unknown = true; ///< drawn for whatever comes
	};

	std::uint32_t priority() { return static_cast<std::uint32_t>(rng_.next() >> 32); }

	unsigned highest(CpuSet set) const
	{
		unsigned best = static_cast<unsigned>(std::countr_zero(set));
		for (set &= set - 1; set; set &= set - 1) {
			const unsigned i = static_cast<unsigned>(std::countr_zero(set));
			if (next_[i].priority > next_[best].priority)
				best = i;
		}
		return best;
	}

	void makes_its_access(unsigned cpu, CpuSet enabled)
	{
		const Next made = next_[cpu];
		if (!made.location)
			return;
		next_[cpu].location = nullptr;
		for (CpuSet set = enabled & ~cpu_bit(cpu); set; set &= set - 1) {
			Next &other = next_[std::countr_zero(set)];
			if (other.location == made.location && (other.writes || made.writes))
				other.priority = priority();
		}
	}

	Rng rng_{ 0 };
	Disturb disturb_;
	Next next_[machine::kMaxCpus];
};

} // namespace

std::unique_ptr<Strategy> make_pos()
{
	return std::make_unique<Pos>();
}

} // namespace lazymm
