// SPDX-License-Identifier: MIT
// PCT: Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with Probabilistic
// Guarantees of Finding Bugs" (ASPLOS 2010). CPUs have random priorities, the highest one that can
// move does; at d - 1 random accesses the CPU that is about to make it falls to a priority below
// all others. Finds a bug of depth d with probability 1 / (n k^(d-1)), n CPUs, k accesses.
//
// Deviates:
//  - a change point may be a preemption: tasks of one CPU are threads too, and which of them runs
//    is their CPU's next `switch`; irq ticks come on top of the d - 1
//  - k is an estimate from the operations, or a half or a quarter of it, drawn for each change
//    point: many operations do nothing
//  - a change point is so and so many accesses of one CPU, chosen by its share of them: the same
//    distribution, and that CPU can count down alone
//  - d is drawn for each run
//  - a CPU of higher priority goes on as soon as it can, but one whose script has ended takes its
//    interrupts at the next change point or wait
#include <algorithm>
#include <utility>

#include "core/harness/disturb.h"

namespace lazymm
{

namespace
{

constexpr std::uint32_t kNever = machine::Machine::kMaxAccesses;

class Pct : public Strategy
{
public:
	explicit Pct(unsigned depth) : depth_(depth) {}

	void begin(std::uint64_t seed, const RunShape &shape) override
	{
		rng_ = Rng(seed);
		disturb_.begin(rng_);
		// Three quarters of the runs are for the shallow bugs, of which there are most.
		const unsigned depth = depth_	       ? depth_
				       : rng_.below(4) ? 2 + rng_.below(2)
						       : 4 + rng_.below(kMaxPoints - 4);
		for (unsigned i = 0; i < shape.cpus; i++) {
			const unsigned j = rng_.below(i + 1);
			priority_[i] = priority_[j];
			priority_[j] = depth + i;
			made_[i] = 0;
		}
		steps_ = 0;
		points_ = 0;
		const unsigned preempts_of_4 = depth_ == 1 ? 0 : rng_.below(3);
		for (unsigned i = 1; i < depth; i++) {
			const bool preempt = rng_.below(4) < preempts_of_4;
			add_point(shape,
				  { .to = i, .kind = preempt ? Choice::preempt : Choice::run });
		}
		for (std::uint32_t i = disturb_.tick_every() ? rng_.below(3) : 0; i > 0; i--)
			add_point(shape, { .kind = Choice::irq });
	}

	std::uint32_t lookahead(const Cpu &cpu) override
	{
		count(cpu);
		const unsigned self = cpu.index;
		const machine::Machine &m = *cpu.machine;
		for (unsigned i = 0; i < m.cpus(); i++)
			if (priority_[i] > priority_[self] && may_go_on(m.cpu(i)))
				return 0;
		std::uint32_t at = kNever;
		for (unsigned i = 0; i < points_; i++)
			if (point_[i].cpu == self)
				at = std::min(at, point_[i].at);
		return at > made_[self] ? at - made_[self] - 1 : 0;
	}

	Choice before_access(const Cpu &cpu, const Access &, CpuSet movable) override
	{
		count(cpu);
		const unsigned self = cpu.index;
		// Whoever should have gone long ago goes first; a change point can wait.
		unsigned first = highest(movable | cpu_bit(self));
		for (unsigned i = 0; i < points_ && first == self; i++) {
			if (point_[i].cpu != self || point_[i].at > made_[self])
				continue;
			const Point point = std::exchange(point_[i], point_[--points_]);
			if (point.kind != Choice::run)
				return { .kind = point.kind };
			priority_[self] = point.to;
			first = highest(movable | cpu_bit(self));
			break;
		}
		if (first == self)
			return {};
		return { .kind = Choice::run, .cpu = first };
	}

	unsigned next_cpu(const Cpu &cpu, CpuSet movable) override
	{
		count(cpu);
		return highest(movable);
	}

	std::uint32_t hold_back(const Cpu &cpu) override
	{
		count(cpu);
		return disturb_.hold_back(rng_);
	}

	unsigned pick(const Cpu &cpu, unsigned n) override
	{
		count(cpu);
		return rng_.below(n);
	}
	unsigned older(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	unsigned under(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	std::uint32_t hold(const Cpu &) override { return disturb_.hold(rng_); }

private:
	static constexpr unsigned kMaxPoints = 8;

	struct Point {
		std::uint32_t at = 0; ///< accesses of `cpu`, from 1
		unsigned cpu = 0;
		unsigned to = 0; ///< priority that the CPU falls to
		Choice::Kind kind = Choice::run;
	};

	void add_point(const RunShape &shape, Point point)
	{
		std::uint32_t ops = 0;
		for (unsigned i = 0; i < shape.cpus; i++)
			ops += shape.ops[i];
		if (ops == 0 || points_ == kMaxPoints)
			return;
		const std::uint32_t k = std::max(shape.expected_accesses, ops);
		std::uint32_t at = rng_.below(k);
		const unsigned shift = rng_.below(3);
		while (at >= k * shape.ops[point.cpu] / ops && point.cpu + 1 < shape.cpus)
			at -= k * shape.ops[point.cpu++] / ops;
		point.at = (at >> shift) + 1;
		point_[points_++] = point;
	}

	/// All that was done since we were called last was done by the CPU that calls now.
	void count(const Cpu &cpu)
	{
		const std::uint32_t steps = cpu.machine->steps();
		made_[cpu.index] += steps - steps_;
		steps_ = steps;
	}

	static bool may_go_on(const Cpu &cpu)
	{
		return !cpu.wait || !cpu.wait->idle ||
		       cpu.irq_count.load(std::memory_order_relaxed);
	}

	unsigned highest(CpuSet set) const
	{
		unsigned best = static_cast<unsigned>(std::countr_zero(set));
		for (set &= set - 1; set; set &= set - 1) {
			const unsigned i = static_cast<unsigned>(std::countr_zero(set));
			if (priority_[i] > priority_[best])
				best = i;
		}
		return best;
	}

	const unsigned depth_; ///< 0: drawn for each run
	Rng rng_{ 0 };
	Disturb disturb_;
	unsigned priority_[machine::kMaxCpus] = {};
	std::uint32_t made_[machine::kMaxCpus] = {}; ///< accesses of each CPU
	std::uint32_t steps_ = 0;		     ///< of all CPUs when we were called last
	Point point_[kMaxPoints];		     ///< still to come, in no order
	unsigned points_ = 0;
};

} // namespace

std::unique_ptr<Strategy> make_pct(unsigned depth)
{
	return std::make_unique<Pct>(depth);
}

} // namespace lazymm
