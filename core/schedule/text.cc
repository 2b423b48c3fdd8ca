// SPDX-License-Identifier: MIT
// Schedule to text; the way back is in text_parse.cc.
#include "core/schedule/text.h"

#include "core/schedule/limits.h"
#include "core/schedule/names.h"
#include "core/schedule/text_quote.h"

namespace lazymm::schedule
{

namespace
{

// "switch kthread" and two blanks; "+123 run cpu1" likewise, with room for more digits.
constexpr std::size_t kOpWidth = 16;
constexpr std::size_t kDecisionWidth = 16;
// With the indentation, 66 columns: fits into a mail.
constexpr std::size_t kDecisionsPerLine = 3;

void pad(std::string &text, std::size_t start, std::size_t width)
{
	const std::size_t length = text.size() - start;
	text.append(length + 2 <= width ? width - length : 2, ' ');
}

void append(std::string &text, const Decision &decision)
{
	text += '+';
	text += std::to_string(decision.at);
	text += ' ';
	text += name(decision.kind);
	switch (arg_kind(decision.kind)) {
	case ArgKind::cpu:
		text += ' ';
		text += operand_name(OperandKind::cpu, decision.arg);
		break;
	case ArgKind::number:
		text += ' ';
		text += std::to_string(decision.arg);
		break;
	case ArgKind::none:
		break;
	}
}

void append(std::string &text, const Op &op)
{
	const OpInfo &op_info = info(op.kind);
	text += "  ";
	std::size_t start = text.size();
	text += op_info.name;
	if (op_info.operand != OperandKind::none) {
		text += ' ';
		text += operand_name(op_info.operand, op.operand);
	}
	std::size_t width = kOpWidth;
	// A long name takes the place of a decision.
	std::size_t on_line = text.size() - start >= kOpWidth;
	for (const Decision &decision : op.decisions) {
		if (on_line++ == kDecisionsPerLine) {
			text += "\n  ";
			start = text.size();
			width = kOpWidth;
			on_line = 1;
		}
		pad(text, start, width);
		start = text.size();
		width = kDecisionWidth;
		append(text, decision);
	}
	text += '\n';
}

void append_setting(std::string &text, std::string_view key, std::string_view value)
{
	text += key;
	text += ' ';
	text += value;
	text += '\n';
}

} // namespace

std::string ParseError::str() const
{
	return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

std::string to_text(const Schedule &schedule)
{
	if (!within_limits(schedule)) {
		Schedule clipped = schedule;
		clip(clipped);
		return to_text(clipped);
	}
	std::string text;
	append_setting(text, "lazymm-schedule", std::to_string(kTextVersion));
	append_setting(text, "scheme", schedule.scheme.empty() ? "?" : schedule.scheme);
	if (!schedule.bug.empty())
		append_setting(text, "bug", schedule.bug);
	append_setting(text, "memory", name(schedule.memory));
	if (schedule.hotplug != Hotplug::scheme)
		append_setting(text, "hotplug", name(schedule.hotplug));
	if (schedule.arch != Arch::scheme)
		append_setting(text, "arch", name(schedule.arch));
	if (schedule.mm != MmMemory::pool)
		append_setting(text, "mm", name(schedule.mm));
	for (const std::string &site : schedule.weaken)
		append_setting(text, "weaken", quoted(site));
	if (schedule.search) {
		text += "search ";
		append_setting(text, name(schedule.search->strategy),
			       std::to_string(schedule.search->seed));
	}
	append_setting(text, "cpus", std::to_string(schedule.cpus.size()));
	text += '\n';
	for (std::size_t cpu = 0; cpu < schedule.cpus.size(); cpu++) {
		text += "cpu" + std::to_string(cpu) + "\n";
		for (const Op &op : schedule.cpus[cpu])
			append(text, op);
	}
	return text;
}

} // namespace lazymm::schedule
