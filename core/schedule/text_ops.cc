// SPDX-License-Identifier: MIT
#include "core/schedule/text_ops.h"

#include "core/schedule/names.h"
#include "core/schedule/text_settings.h"

namespace lazymm::schedule
{

namespace
{

bool is_anchor(const Word &word)
{
	return word.text.starts_with('+');
}

const char *expected(OperandKind kind)
{
	switch (kind) {
	case OperandKind::user:
		return "a user task: A to F";
	case OperandKind::variable:
		return "a variable: x, y, s or t";
	case OperandKind::command:
		return "a command: private, global-expedited, sync-core, rseq, global, query or "
		       "registrations";
	case OperandKind::registration:
		return "a registration: private, global-expedited, sync-core or rseq";
	default:
		return "a task: A to F, K, L, kthread or idle";
	}
}

/// Only a CPU may be left out: it is the one of the script.
bool read_operand(Scanner &in, const Schedule &schedule, unsigned cpu, Op &op)
{
	const OperandKind kind = info(op.kind).operand;
	const Word word = in.peek();
	if (kind == OperandKind::none)
		return true;
	if (kind == OperandKind::cpu && (word.ends() || is_anchor(word))) {
		op.operand = static_cast<std::uint8_t>(cpu);
		return true;
	}
	in.word();
	const auto operand = find_operand(kind, word.text);
	if (kind == OperandKind::cpu && (!operand || *operand >= schedule.cpus.size()))
		return in.fail(word, cpu_names(schedule));
	if (!operand)
		return in.fail(word, expected(kind));
	op.operand = static_cast<std::uint8_t>(*operand);
	return true;
}

bool read_arg(Scanner &in, const Schedule &schedule, Decision &decision)
{
	const ArgKind kind = arg_kind(decision.kind);
	if (kind == ArgKind::none)
		return true;
	const Word word = in.word();
	std::optional<unsigned> arg;
	if (kind == ArgKind::cpu) {
		arg = find_operand(OperandKind::cpu, word.text);
		if (!arg || *arg >= schedule.cpus.size())
			return in.fail(word, cpu_names(schedule));
	} else {
		arg = number(word.text, 0, kMaxArg);
		if (!arg)
			return in.fail(word, "a number from 0 to " + std::to_string(kMaxArg));
	}
	decision.arg = static_cast<std::uint8_t>(*arg);
	return true;
}

bool read_decision(Scanner &in, const Schedule &schedule, std::vector<Decision> &decisions)
{
	const Word anchor = in.word();
	if (!is_anchor(anchor))
		return in.fail(anchor, "a decision such as '+5 run cpu1', or the end of the line");
	const auto at = number(anchor.text.substr(1), 1, kMaxAt);
	if (!at)
		return in.fail(anchor, "an anchor from +1 to +" + std::to_string(kMaxAt));
	if (!decisions.empty() && *at < decisions.back().at)
		return in.fail(anchor, "+" + std::to_string(decisions.back().at) + " or more",
			       "an operation's decisions stand in ascending order");
	if (decisions.size() == kMaxDecisions)
		return in.fail(anchor, "at most " + std::to_string(kMaxDecisions) +
					       " decisions of an operation");
	const Word kind_word = in.word();
	const auto kind = find_decision(kind_word.text);
	if (!kind)
		return in.fail(kind_word, "run, irq, defer, preempt, older, hold, under or pick",
			       did_you_mean(nearest(kind_word.text, decision_names())));
	Decision decision;
	decision.at = static_cast<std::uint16_t>(*at);
	decision.kind = *kind;
	if (!read_arg(in, schedule, decision))
		return false;
	decisions.push_back(decision);
	return true;
}

std::string unknown_operation_hint(std::string_view word)
{
	if (Settings::is_setting(word))
		return "settings stand above the first CPU";
	const std::string hint = did_you_mean(nearest(word, op_names()));
	return hint.empty() ? "'lazymm list operations' shows them" : hint;
}

} // namespace

bool read_operation(Scanner &in, Schedule &out, unsigned cpu)
{
	std::vector<Op> &script = out.cpus[cpu];
	const Word word = in.peek();
	if (!is_anchor(word)) {
		const auto kind = find_op(word.text);
		if (!kind)
			return in.fail(word, "an operation", unknown_operation_hint(word.text));
		if (script.size() == kMaxOps)
			return in.fail(word, "at most " + std::to_string(kMaxOps) +
						     " operations of a CPU");
		in.word();
		Op &op = script.emplace_back();
		op.kind = *kind;
		if (!read_operand(in, out, cpu, op))
			return false;
	} else if (script.empty()) {
		return in.fail(word, "an operation", "decisions stand behind their operation");
	}
	while (!in.peek().ends()) {
		if (!read_decision(in, out, script.back().decisions))
			return false;
	}
	return true;
}

std::string cpu_names(const Schedule &schedule)
{
	const std::size_t cpus = schedule.cpus.size();
	if (cpus == 1)
		return "cpu0";
	return std::string(cpus == 2 ? "cpu0 or cpu" : "cpu0 to cpu") + std::to_string(cpus - 1);
}

} // namespace lazymm::schedule
