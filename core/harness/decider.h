// SPDX-License-Identifier: MIT
// The policy of every stepped run: explicit decisions of the schedule first, then the strategy if
// one is named, else the least surprising thing. Logs every decision that is not the default one,
// so that what a strategy found can be written down without it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/harness/run.h"
#include "core/harness/strategy.h"

namespace lazymm
{

class Decider final : public machine::Policy
{
public:
	/// `ops`: the operations of all scripts, by activity; both must outlive the run.
	void begin(const std::vector<const schedule::Op *> &ops, Strategy *strategy, Result &log);

	std::uint32_t next_question(const machine::Cpu &cpu) override;
	machine::Choice before_access(const machine::Cpu &cpu, const machine::Access &access,
				      machine::CpuSet movable) override;
	unsigned next_cpu(const machine::Cpu &cpu, machine::CpuSet movable) override;
	std::uint32_t hold_back(const machine::Cpu &cpu) override;
	unsigned pick(const machine::Cpu &cpu, unsigned n) override;
	unsigned older(const machine::Cpu &cpu, unsigned n) override;
	unsigned under(const machine::Cpu &cpu, unsigned n) override;
	std::uint32_t hold(const machine::Cpu &cpu) override;

private:
	template <class Ask>
	unsigned number(const machine::Cpu &cpu, schedule::DecisionKind kind, unsigned most,
			Ask ask);
	const schedule::Decision *explicit_at(const machine::Cpu &cpu, unsigned kinds);
	/// A CPU whose activity is no operation has nothing to anchor a decision to: the strategy
	/// is not asked there.
	bool searching(const machine::Cpu &cpu) const
	{
		return strategy_ && cpu.activity.op != machine::kNoOp;
	}
	void log(const machine::Cpu &cpu, schedule::DecisionKind kind, unsigned arg);

	const std::vector<const schedule::Op *> *ops_ = nullptr;
	Strategy *strategy_ = nullptr;
	Result *log_ = nullptr;
	std::vector<std::uint16_t> cursor_; ///< per operation: its next decision
	std::uint32_t strategy_at_[machine::kMaxCpus] = {};
};

} // namespace lazymm
