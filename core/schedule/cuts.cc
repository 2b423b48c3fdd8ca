// SPDX-License-Identifier: MIT
#include "core/schedule/cuts.h"

#include <algorithm>
#include <bit>

namespace lazymm::schedule
{

namespace
{

auto iterator_at(auto &container, std::size_t at)
{
	return container.begin() + static_cast<std::ptrdiff_t>(at);
}

/// Erase of `container`, whose first element has the number `base`, what lies in [first, last).
void erase_numbers(auto &container, std::size_t base, std::size_t first, std::size_t last)
{
	const std::size_t end = base + container.size();
	const std::size_t from = std::clamp(first, base, end) - base;
	const std::size_t to = std::clamp(last, base, end) - base;
	container.erase(iterator_at(container, from), iterator_at(container, to));
}

} // namespace

void remove_cpu(Schedule &schedule, unsigned gone)
{
	schedule.cpus.erase(iterator_at(schedule.cpus, gone));
	const auto renumber = [gone](std::uint8_t &cpu) { cpu -= cpu > gone; };
	for (std::vector<Op> &script : schedule.cpus) {
		std::erase_if(script, [gone](const Op &op) {
			return info(op.kind).operand == OperandKind::cpu && op.operand == gone;
		});
		for (Op &op : script) {
			if (info(op.kind).operand == OperandKind::cpu)
				renumber(op.operand);
			std::erase_if(op.decisions, [gone](const Decision &decision) {
				return decision.kind == DecisionKind::run && decision.arg == gone;
			});
			for (Decision &decision : op.decisions) {
				if (decision.kind == DecisionKind::run)
					renumber(decision.arg);
			}
		}
	}
}

bool rename_task(Schedule &schedule, unsigned from, unsigned to)
{
	bool renamed = false;
	for (std::vector<Op> &script : schedule.cpus) {
		for (Op &op : script) {
			const OperandKind kind = info(op.kind).operand;
			if ((kind != OperandKind::task && kind != OperandKind::user) ||
			    op.operand != from)
				continue;
			if (to >= operand_count(kind))
				return false;
			op.operand = static_cast<std::uint8_t>(to);
			renamed = true;
		}
	}
	return renamed;
}

OpPlace nth_op(const Schedule &schedule, std::size_t nth)
{
	std::size_t cpu = 0;
	while (nth >= schedule.cpus[cpu].size())
		nth -= schedule.cpus[cpu++].size();
	return { cpu, nth };
}

DecisionPlace nth_decision(const Schedule &schedule, std::size_t nth)
{
	OpPlace op = { 0, 0 };
	for (;; op.at++) {
		for (; op.at == schedule.cpus[op.cpu].size(); op.at = 0)
			op.cpu++;
		const std::size_t decisions = schedule.cpus[op.cpu][op.at].decisions.size();
		if (nth < decisions)
			return { op, nth };
		nth -= decisions;
	}
}

std::size_t op_count(const Schedule &schedule)
{
	std::size_t ops = 0;
	for (const std::vector<Op> &script : schedule.cpus)
		ops += script.size();
	return ops;
}

void remove_ops(Schedule &schedule, std::size_t first, std::size_t last)
{
	std::size_t base = 0;
	for (std::vector<Op> &script : schedule.cpus) {
		const std::size_t size = script.size();
		erase_numbers(script, base, first, last);
		base += size;
	}
}

void remove_decisions(Schedule &schedule, std::size_t first, std::size_t last)
{
	std::size_t base = 0;
	for (std::vector<Op> &script : schedule.cpus) {
		for (Op &op : script) {
			const std::size_t size = op.decisions.size();
			erase_numbers(op.decisions, base, first, last);
			base += size;
		}
	}
}

std::pair<std::size_t, std::size_t> halving(std::size_t length, std::size_t index)
{
	// index + 1 in binary: the highest bit is the level, the bits below it the part.
	const std::size_t level = static_cast<std::size_t>(std::bit_width(index + 1)) - 1;
	const std::size_t parts = std::size_t{ 1 } << level;
	if (level > 0 && length <= parts / 2)
		return { 0, 0 };
	const std::size_t part = parts - 1 - (index + 1 - parts);
	return { length * part / parts, length * (part + 1) / parts };
}

std::size_t halving_count(std::size_t length)
{
	// The first level with at least `length` parts is the last one that cuts.
	return length == 0 ? 0 : 2 * std::bit_ceil(length) - 1;
}

} // namespace lazymm::schedule
