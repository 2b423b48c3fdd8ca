// SPDX-License-Identifier: MIT
#include "core/harness/in_turn.h"

#include <bit>
#include <vector>

#include "core/machine/machine.h"
#include "core/schedule/rng.h"

namespace lazymm
{

namespace
{

using machine::Access;
using machine::Choice;
using machine::Cpu;
using machine::cpu_bit;
using machine::CpuSet;

class InTurn final : public Strategy
{
public:
	void begin(std::uint64_t seed, const RunShape &shape) override
	{
		schedule::Rng rng(seed);
		order_.clear();
		turn_ = 0;
		std::uint32_t left[machine::kMaxCpus] = {};
		std::uint32_t all = 0;
		for (unsigned i = 0; i < shape.cpus; i++) {
			first_op_[i] = all;
			ended_[i] = 0;
			all += left[i] = ops_[i] = shape.ops[i];
		}
		while (order_.size() < all) {
			const unsigned cpu = next_turn(rng, shape.cpus);
			if (left[cpu] > 0)
				order_.push_back({ cpu, ops_[cpu] - left[cpu]-- });
		}
	}

	std::uint32_t lookahead(const Cpu &) override { return 0; }

	Choice before_access(const Cpu &cpu, const Access &, CpuSet movable) override
	{
		// Who is at an operation has ended those before it.
		ended_[cpu.index] = cpu.activity.op - first_op_[cpu.index];
		const unsigned next = first_of(cpu, movable | cpu_bit(cpu.index), cpu.index);
		if (next != cpu.index)
			return { .kind = Choice::run, .cpu = next };
		return {};
	}

	unsigned next_cpu(const Cpu &cpu, CpuSet movable) override
	{
		if (cpu.wait && cpu.wait->idle)
			ended_[cpu.index] = ops_[cpu.index];
		return first_of(cpu, movable, static_cast<unsigned>(std::countr_zero(movable)));
	}

	std::uint32_t hold_back(const Cpu &) override { return 0; }
	unsigned pick(const Cpu &, unsigned) override { return 0; }

private:
	/// Whose turn it is; if that one waits, who may be what it waits for: a CPU that has an
	/// interrupt to take, or is about it.
	unsigned first_of(const Cpu &cpu, CpuSet set, unsigned otherwise)
	{
		while (turn_ < order_.size() && ended_[order_[turn_].cpu] > order_[turn_].op)
			turn_++;
		if (turn_ < order_.size() && set & cpu_bit(order_[turn_].cpu))
			return order_[turn_].cpu;
		for (; set; set &= set - 1) {
			const auto i = static_cast<unsigned>(std::countr_zero(set));
			const Cpu &other = cpu.machine->cpu(i);
			if (other.hardirq_depth || other.irq_count.load(std::memory_order_relaxed))
				return i;
		}
		return otherwise;
	}

	struct Turn {
		unsigned cpu;
		std::uint32_t op; ///< of that CPU's
	};
	std::vector<Turn> order_;
	std::size_t turn_ = 0;
	std::uint32_t ops_[machine::kMaxCpus] = {};
	std::uint32_t first_op_[machine::kMaxCpus] = {}; ///< over all scripts
	std::uint32_t ended_[machine::kMaxCpus] = {};	 ///< how many of its operations have
};

} // namespace

std::unique_ptr<Strategy> make_in_turn()
{
	return std::make_unique<InTurn>();
}

} // namespace lazymm
