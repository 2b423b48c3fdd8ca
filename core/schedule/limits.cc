// SPDX-License-Identifier: MIT
#include "core/schedule/limits.h"

#include "core/schedule/names.h"

#include <algorithm>

namespace lazymm::schedule
{

namespace
{

bool anchor_less(const Decision &a, const Decision &b)
{
	return a.at < b.at;
}

bool within_limits(const Op &op, unsigned cpus)
{
	if (static_cast<unsigned>(op.kind) >= kOpKinds ||
	    op.operand >= operand_range(info(op.kind).operand, cpus) ||
	    op.decisions.size() > kMaxDecisions)
		return false;
	for (const Decision &decision : op.decisions) {
		if (decision.at < 1 || decision.at > kMaxAt ||
		    static_cast<unsigned>(decision.kind) >= kDecisionKinds ||
		    decision.arg >= arg_range(decision.kind, cpus))
			return false;
	}
	return std::is_sorted(op.decisions.begin(), op.decisions.end(), anchor_less);
}

void clip(Op &op, unsigned cpus)
{
	op.kind = static_cast<OpKind>(static_cast<unsigned>(op.kind) % kOpKinds);
	op.operand =
		static_cast<std::uint8_t>(op.operand % operand_range(info(op.kind).operand, cpus));
	for (Decision &decision : op.decisions) {
		decision.at = std::clamp<std::uint16_t>(decision.at, 1, kMaxAt);
		const unsigned kind = static_cast<unsigned>(decision.kind) % kDecisionKinds;
		decision.kind = static_cast<DecisionKind>(kind);
		decision.arg =
			static_cast<std::uint8_t>(decision.arg % arg_range(decision.kind, cpus));
	}
	sort_by_anchor(op.decisions);
	if (op.decisions.size() > kMaxDecisions)
		op.decisions.resize(kMaxDecisions);
}

} // namespace

unsigned operand_range(OperandKind kind, unsigned cpus)
{
	return kind == OperandKind::cpu ? cpus : operand_count(kind);
}

unsigned arg_range(DecisionKind kind, unsigned cpus)
{
	switch (arg_kind(kind)) {
	case ArgKind::cpu:
		return cpus;
	case ArgKind::number:
		return kMaxArg + 1;
	case ArgKind::none:
		break;
	}
	return 1;
}

bool within_limits(const Schedule &schedule)
{
	const unsigned cpus = static_cast<unsigned>(schedule.cpus.size());
	if (cpus < 1 || cpus > kMaxCpus || static_cast<unsigned>(schedule.memory) > 2 ||
	    static_cast<unsigned>(schedule.hotplug) > 2 ||
	    static_cast<unsigned>(schedule.arch) >= kArches ||
	    static_cast<unsigned>(schedule.mm) > 1)
		return false;
	if (schedule.search && static_cast<unsigned>(schedule.search->strategy) >= kStrategies)
		return false;
	for (const std::vector<Op> &script : schedule.cpus) {
		if (script.size() > kMaxOps)
			return false;
		for (const Op &op : script) {
			if (!within_limits(op, cpus))
				return false;
		}
	}
	return true;
}

void clip(Schedule &schedule)
{
	const std::size_t cpus = std::clamp<std::size_t>(schedule.cpus.size(), 1, kMaxCpus);
	schedule.cpus.resize(cpus);
	schedule.memory = static_cast<Memory>(static_cast<unsigned>(schedule.memory) % 3);
	schedule.hotplug = static_cast<Hotplug>(static_cast<unsigned>(schedule.hotplug) % 3);
	schedule.arch = static_cast<Arch>(static_cast<unsigned>(schedule.arch) % kArches);
	schedule.mm = static_cast<MmMemory>(static_cast<unsigned>(schedule.mm) % 2);
	if (schedule.search) {
		Strategy &strategy = schedule.search->strategy;
		strategy = static_cast<Strategy>(static_cast<unsigned>(strategy) % kStrategies);
	}
	for (std::vector<Op> &script : schedule.cpus) {
		if (script.size() > kMaxOps)
			script.resize(kMaxOps);
		for (Op &op : script)
			clip(op, static_cast<unsigned>(cpus));
	}
}

void sort_by_anchor(std::vector<Decision> &decisions)
{
	for (auto next = decisions.begin(); next != decisions.end(); ++next)
		std::rotate(std::upper_bound(decisions.begin(), next, *next, anchor_less), next,
			    next + 1);
}

bool is_name(std::string_view text)
{
	return !text.empty() && text.size() <= kMaxName &&
	       std::all_of(text.begin(), text.end(), [](char c) {
		       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			      c == '.';
	       });
}

} // namespace lazymm::schedule
