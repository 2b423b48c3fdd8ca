// SPDX-License-Identifier: MIT
#include "core/schedule/shrinks.h"

#include "core/schedule/cuts.h"
#include "core/schedule/limits.h"
#include "core/schedule/size.h"

#include <algorithm>

namespace lazymm::schedule
{

namespace
{

/// A kind of cut: how many there may be, and the `index`-th of them. cut() returns false, as soon
/// as it can, where there is nothing to cut; what it makes is looked at only if it is smaller.
struct Stage {
	std::size_t (*count)(const Schedule &origin);
	bool (*cut)(const Schedule &origin, std::size_t index, Schedule &out);
};

/// The last CPU first: cpu0 is where A is at boot.
bool cut_cpu(const Schedule &origin, std::size_t index, Schedule &out)
{
	if (origin.cpus.size() == 1)
		return false;
	out = origin;
	remove_cpu(out, static_cast<unsigned>(origin.cpus.size() - 1 - index));
	return true;
}

bool fold_cpu(const Schedule &origin, std::size_t index, Schedule &out)
{
	const std::size_t cpus = origin.cpus.size();
	const std::size_t from = cpus - 1 - index / cpus;
	const std::size_t to = index % cpus;
	if (from == to || origin.cpus[from].size() + origin.cpus[to].size() > kMaxOps)
		return false;
	out = origin;
	out.cpus[to].insert(out.cpus[to].end(), origin.cpus[from].begin(), origin.cpus[from].end());
	remove_cpu(out, static_cast<unsigned>(from));
	return true;
}

std::size_t longest_script(const Schedule &origin)
{
	std::size_t longest = 0;
	for (const std::vector<Op> &script : origin.cpus)
		longest = std::max(longest, script.size());
	return longest;
}

/// A level of all scripts before the next level of any.
bool cut_ops(const Schedule &origin, std::size_t index, Schedule &out)
{
	const std::size_t cpus = origin.cpus.size();
	const std::size_t cpu = cpus - 1 - index % cpus;
	const auto [first, last] = halving(origin.cpus[cpu].size(), index / cpus);
	if (first == last)
		return false;
	out = origin;
	std::vector<Op> &script = out.cpus[cpu];
	script.erase(script.begin() + static_cast<std::ptrdiff_t>(first),
		     script.begin() + static_cast<std::ptrdiff_t>(last));
	return true;
}

bool cut_two_ops(const Schedule &origin, std::size_t index, Schedule &out)
{
	const std::size_t ops = op_count(origin);
	const std::size_t a = index / ops;
	const std::size_t b = index % ops;
	if (a >= b)
		return false;
	out = origin;
	remove_ops(out, b, b + 1);
	remove_ops(out, a, a + 1);
	return true;
}

bool cut_search(const Schedule &origin, std::size_t, Schedule &out)
{
	if (!origin.search)
		return false;
	out = origin;
	out.search.reset();
	return true;
}

bool cut_decisions(const Schedule &origin, std::size_t index, Schedule &out)
{
	const auto [first, last] = halving(size(origin).decisions, index);
	if (first == last)
		return false;
	out = origin;
	remove_decisions(out, first, last);
	return true;
}

bool lower_anchor(const Schedule &origin, std::size_t index, Schedule &out)
{
	const auto [place, nth] = nth_decision(origin, index / 2);
	const unsigned at = origin.cpus[place.cpu][place.at].decisions[nth].at;
	const unsigned lower = index % 2 == 0 ? at / 2 : at - 1;
	if (lower == 0)
		return false;
	out = origin;
	std::vector<Decision> &decisions = out.cpus[place.cpu][place.at].decisions;
	decisions[nth].at = static_cast<std::uint16_t>(lower);
	sort_by_anchor(decisions);
	return true;
}

/// To an irq; to run each CPU; with the argument 0, halved, less by one.
constexpr std::size_t kSimpler = 1 + kMaxCpus + 3;

/// The `way`-th simplification of a decision, if it has that many.
std::optional<Decision> simpler(Decision decision, std::size_t way, unsigned cpus)
{
	const unsigned rank = decision_rank(decision.kind);
	const unsigned arg = decision.arg;
	if (way <= kMaxCpus) {
		// Only an interrupt resembles an interrupt, and to let another CPU go first.
		if (rank > decision_rank(DecisionKind::preempt) || way > cpus)
			return std::nullopt;
		decision.kind = way == 0 ? DecisionKind::irq : DecisionKind::run;
		decision.arg = static_cast<std::uint8_t>(way == 0 ? 0 : way - 1);
		return decision_rank(decision.kind) < rank ? std::optional(decision) : std::nullopt;
	}
	const unsigned args[] = { 0, arg / 2, arg - 1 };
	if (arg == 0)
		return std::nullopt;
	decision.arg = static_cast<std::uint8_t>(args[way - 1 - kMaxCpus]);
	return decision;
}

bool simplify_decision(const Schedule &origin, std::size_t index, Schedule &out)
{
	const auto [place, nth] = nth_decision(origin, index / kSimpler);
	const auto decision = simpler(origin.cpus[place.cpu][place.at].decisions[nth],
				      index % kSimpler, static_cast<unsigned>(origin.cpus.size()));
	if (!decision)
		return false;
	out = origin;
	out.cpus[place.cpu][place.at].decisions[nth] = *decision;
	return true;
}

constexpr std::size_t kTasks = kTaskNames.size();

bool rename_one_task(const Schedule &origin, std::size_t index, Schedule &out)
{
	const unsigned from = static_cast<unsigned>(index / kTasks);
	const unsigned to = static_cast<unsigned>(index % kTasks);
	if (operand_rank(OperandKind::task, to) >= operand_rank(OperandKind::task, from))
		return false;
	out = origin;
	return rename_task(out, from, to);
}

bool simplify_operand(const Schedule &origin, std::size_t index, Schedule &out)
{
	const OpPlace place = nth_op(origin, index / kTasks);
	const Op &op = origin.cpus[place.cpu][place.at];
	const OperandKind kind = info(op.kind).operand;
	const unsigned operand = static_cast<unsigned>(index % kTasks);
	if (operand >= operand_range(kind, static_cast<unsigned>(origin.cpus.size())) ||
	    operand_rank(kind, operand) >= operand_rank(kind, op.operand))
		return false;
	out = origin;
	out.cpus[place.cpu][place.at].operand = static_cast<std::uint8_t>(operand);
	return true;
}

constexpr Stage kStages[] = {
	{ [](const Schedule &s) { return s.cpus.size(); }, cut_cpu },
	{ [](const Schedule &s) { return s.cpus.size() * s.cpus.size(); }, fold_cpu },
	{ [](const Schedule &s) { return s.cpus.size() * halving_count(longest_script(s)); },
	  cut_ops },
	{ [](const Schedule &s) { return op_count(s) * op_count(s); }, cut_two_ops },
	{ [](const Schedule &) { return std::size_t{ 1 }; }, cut_search },
	{ [](const Schedule &s) { return halving_count(size(s).decisions); }, cut_decisions },
	{ [](const Schedule &s) { return std::size_t{ 2 } * size(s).decisions; }, lower_anchor },
	{ [](const Schedule &s) { return kSimpler * size(s).decisions; }, simplify_decision },
	{ [](const Schedule &) { return kTasks * kTasks; }, rename_one_task },
	{ [](const Schedule &s) { return kTasks * op_count(s); }, simplify_operand },
};

} // namespace

Shrinks::Shrinks(Schedule origin) : origin_(std::move(origin))
{
	clip(origin_);
}

bool Shrinks::next(Schedule &out)
{
	for (; stage_ < std::size(kStages); stage_++, index_ = 0) {
		const Stage &stage = kStages[stage_];
		const std::size_t count = stage.count(origin_);
		while (index_ < count) {
			// Not all that a stage makes is smaller: a rename may bring in a new task.
			if (stage.cut(origin_, index_++, out) && size(out) < size(origin_))
				return true;
		}
	}
	return false;
}

} // namespace lazymm::schedule
