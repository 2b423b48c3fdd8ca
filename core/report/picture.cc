// SPDX-License-Identifier: MIT
#include "core/report/picture.h"

#include "core/report/columns.h"
#include "core/schedule/names.h"
#include "core/schedule/token.h"

#include <fmt/format.h>

namespace lazymm::report
{

using schedule::DecisionKind;
using schedule::Schedule;

namespace
{

std::string counted(std::size_t n, const char *what)
{
	return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

/// Lines behind a margin, at most kWidth wide; later ones are indented by `hang`.
void append(std::string &out, const std::string &margin, const std::string &text, std::size_t hang)
{
	std::string lead = margin;
	for (const std::string &line : wrap(text, kWidth - margin.size() - hang, 0)) {
		out += lead + line + '\n';
		lead.assign(margin.size() + hang, ' ');
	}
}

/// Scheme and bug, and what is not as usual.
std::string settings(const Schedule &schedule)
{
	std::string text = "scheme " + schedule.scheme;
	if (!schedule.bug.empty())
		text += "  bug " + schedule.bug;
	if (schedule.memory != schedule::Memory::sc)
		text += fmt::format("  memory {}", name(schedule.memory));
	if (schedule.hotplug != schedule::Hotplug::scheme)
		text += fmt::format("  hotplug {}", name(schedule.hotplug));
	if (schedule.arch != schedule::Arch::scheme)
		text += fmt::format("  arch {}", name(schedule.arch));
	if (schedule.mm != schedule::MmMemory::pool)
		text += fmt::format("  mm {}", name(schedule.mm));
	if (schedule.search)
		text += fmt::format("  search {} {}", name(schedule.search->strategy),
				    schedule.search->seed);
	for (const std::string &site : schedule.weaken)
		text += fmt::format("  weakened \"{}\"", site);
	return text;
}

std::string outcome(const Result &result)
{
	switch (result.outcome) {
	case Outcome::limit:
		return fmt::format(": cannot tell, no end after {} accesses", result.accesses);
	case Outcome::stuck:
		return ": cannot tell, nothing moved";
	default:
		return "";
	}
}

void append_head(std::string &out, const Schedule &schedule, const Result &result,
		 const Style &style)
{
	const std::string verdict = result.finding ? "VIOLATION" : "no violation";
	const std::string what = result.finding ? " " + title(*result.finding) : outcome(result);
	const std::string with = settings(schedule);
	const std::string line = "lazymm: " + verdict + what;
	out += "lazymm: " + (result.finding ? style.bad(verdict) : style.good(verdict)) + what;
	if (line.size() + 2 + with.size() <= kWidth) {
		out += "  " + with + '\n';
	} else {
		out += '\n';
		append(out, "  ", with, 2);
	}
	if (result.finding)
		append(out, "  ", result.finding->text, 0);
}

/// How many unusual things had to happen.
std::string depth(const Schedule &schedule, const Result &result)
{
	std::size_t preemptions = 0, interrupts = 0, reorderings = 0, choices = 0;
	for (const Taken &taken : result.taken) {
		switch (taken.decision.kind) {
		case DecisionKind::run:
		case DecisionKind::preempt:
			preemptions++;
			break;
		case DecisionKind::irq:
		case DecisionKind::defer:
			interrupts++;
			break;
		case DecisionKind::older:
		case DecisionKind::hold:
		case DecisionKind::under:
			reorderings++;
			break;
		case DecisionKind::pick:
			choices++;
			break;
		}
	}
	std::string text = counted(preemptions, "preemption");
	if (interrupts)
		text += ", " + counted(interrupts, "interrupt");
	if (choices)
		text += ", " + counted(choices, "choice");
	text += ", " + counted(reorderings, "reordering");
	if (result.finding)
		text += fmt::format("; shows on {}", name(schedule.memory));
	return text;
}

std::size_t operations(const Schedule &schedule)
{
	std::size_t n = 0;
	for (const auto &script : schedule.cpus)
		n += script.size();
	return n;
}

std::string minimal(const Schedule &schedule, const Minimized &minimized, bool costs)
{
	std::string text =
		fmt::format("{} on {} (from {}", counted(operations(schedule), "operation"),
			    counted(schedule.cpus.size(), "CPU"), minimized.from_ops);
	if (costs)
		text += fmt::format("; {}, {:.1f} s", counted(minimized.replays, "replay"),
				    minimized.seconds);
	text += ')';
	if (!minimized.minimal)
		text += "; not minimal yet, the budget ran out";
	return text;
}

} // namespace

std::string title(const Finding &finding)
{
	return finding.oracle + ": " + finding.kind;
}

std::string picture(const Schedule &schedule, const Result &result, const PictureOptions &options)
{
	std::string out;
	append_head(out, schedule, result, options.style);
	if (result.trace) {
		const unsigned cpus = static_cast<unsigned>(schedule.cpus.size());
		out += '\n' + lay_out(tell(schedule, result), cpus, options.style);
	}
	out += '\n';
	append(out, "  depth:   ", depth(schedule, result), 0);
	if (options.minimized)
		append(out, "  minimal: ", minimal(schedule, *options.minimized, options.costs), 0);
	out += "  replay:  lazymm replay " + schedule::to_token(schedule);
	if (!options.replay_options.empty())
		out += " \\\n             " + options.replay_options;
	out += '\n';
	if (result.finding && !result.finding->file.empty())
		append(out, "  where:   ",
		       fmt::format("{}:{}", result.finding->file, result.finding->line), 0);
	return out;
}

} // namespace lazymm::report
