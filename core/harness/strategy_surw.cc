// SPDX-License-Identifier: MIT
// SURW: Zhao, Wolff, Mathur, Roychoudhury: "Selectively Uniform Concurrency Testing" (ASPLOS 2025).
// A random walk finds few of the interleavings of unequal threads. Here the CPU that makes the next
// *interesting* access is drawn beforehand, by how many each has still to make, which makes all
// orders of interesting accesses equally likely; whoever else comes to one waits. In between,
// everybody walks at random.
//
// Deviates:
//  - interesting is, for each run, what is done to some names of locations ("mm_count", whichever
//    mm), chosen by hashing; in a sixth of the runs everything (URW). The paper takes a variable
//    that a run before this one met; here a run depends on its seed alone
//  - how many accesses a CPU has still to make is not known: the operations that it has still to
//    begin, times a factor of 1 to 16 that is drawn for each CPU and run, stand for it
//  - the walk in between changes CPU with a probability drawn for each run
#include "core/harness/disturb.h"
#include "core/harness/name_hashes.h"

namespace lazymm
{

namespace
{

constexpr unsigned kNobody = ~0u;

class Surw : public Strategy
{
public:
	void begin(std::uint64_t seed, const RunShape &shape) override
	{
		rng_ = Rng(seed);
		disturb_.begin(rng_);
		one_in_ = rng_.below(6); // all, a half, ..., one in 32 names
		salt_ = static_cast<std::uint32_t>(rng_.next());
		leave_mask_ = (2u << rng_.below(4)) - 1;
		intended_ = kNobody;
		held_ = 0;
		std::uint32_t first = 0;
		for (unsigned i = 0; i < shape.cpus; i++) {
			const unsigned shift = rng_.below(5);
			script_[i] = { first, shape.ops[i], shift, (shape.ops[i] + 1) << shift };
			first += shape.ops[i];
		}
	}

	std::uint32_t lookahead(const Cpu &cpu) override
	{
		// A suspended operation may be of another CPU's script: it says nothing.
		Script &script = script_[cpu.index];
		const std::uint32_t nth = cpu.activity.op - script.first;
		if (nth < script.ops)
			script.left = (script.ops - nth + 1) << script.shift;
		return alone(cpu) ? 7 : 0;
	}

	Choice before_access(const Cpu &cpu, const Access &access, CpuSet movable) override
	{
		const unsigned self = cpu.index;
		if (interesting(access))
			held_ |= cpu_bit(self);
		if (disturb_.tick_due(rng_)) {
			makes_its_access(self);
			return disturb_.tick(rng_);
		}
		if (!movable) {
			makes_its_access(self);
			return {};
		}
		const CpuSet open = may_go(movable | cpu_bit(self));
		const bool stays = (open & cpu_bit(self)) && (rng_.next() & leave_mask_);
		const unsigned next = stays ? self : random_cpu(rng_, open);
		makes_its_access(next);
		if (next == self)
			return {};
		return { .kind = Choice::run, .cpu = next };
	}

	unsigned next_cpu(const Cpu &, CpuSet movable) override
	{
		const unsigned next = random_cpu(rng_, may_go(movable));
		makes_its_access(next);
		return next;
	}

	std::uint32_t hold_back(const Cpu &) override { return disturb_.hold_back(rng_); }
	unsigned pick(const Cpu &, unsigned n) override { return rng_.below(n); }
	unsigned older(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	unsigned under(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	std::uint32_t hold(const Cpu &) override { return disturb_.hold(rng_); }

private:
	struct Script {
		std::uint32_t first = 0; ///< number of its first operation over all scripts
		std::uint32_t ops = 0;
		unsigned shift = 0;
		std::uint32_t left = 1; ///< estimate of the accesses to come; at least 1
	};

	bool interesting(const Access &access)
	{
		return one_in_ == 0 ||
		       (access.location && names_.chosen(access.location->name(), salt_, one_in_));
	}

	/// Of `set`, those that may go: who comes to an interesting access waits for whom it is
	/// meant.
	CpuSet may_go(CpuSet set)
	{
		if (intended_ == kNobody)
			intended_ = by_what_is_left(set);
		const CpuSet open = set & ~(held_ & ~cpu_bit(intended_));
		if (open)
			return open;
		// Whom it is meant for cannot move.
		intended_ = by_what_is_left(set);
		return cpu_bit(intended_);
	}

	unsigned by_what_is_left(CpuSet set)
	{
		std::uint32_t total = 0;
		for (CpuSet s = set; s; s &= s - 1)
			total += script_[std::countr_zero(s)].left;
		std::uint32_t ticket = rng_.below(total);
		for (;; set &= set - 1) {
			const unsigned i = static_cast<unsigned>(std::countr_zero(set));
			if (ticket < script_[i].left)
				return i;
			ticket -= script_[i].left;
		}
	}

	void makes_its_access(unsigned cpu)
	{
		if (!(held_ & cpu_bit(cpu)))
			return;
		held_ &= ~cpu_bit(cpu);
		intended_ = kNobody;
	}

	Rng rng_{ 0 };
	Disturb disturb_;
	NameHashes names_;
	std::uint32_t one_in_ = 0; ///< one in 2^N names is interesting; 0: every access
	std::uint32_t salt_ = 0;
	std::uint32_t leave_mask_ =
		1; ///< in between, a CPU goes on if a random number has one of these bits
	unsigned intended_ = kNobody; ///< who makes the next interesting access
	CpuSet held_ = 0;	      ///< whose next access is interesting
	Script script_[machine::kMaxCpus];
};

} // namespace

std::unique_ptr<Strategy> make_surw()
{
	return std::make_unique<Surw>();
}

} // namespace lazymm
