// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/witness.h"

#include "core/report/columns.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"
#include "fuzz/lazymm/failure.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace lazymm::command
{

using schedule::Schedule;

namespace
{

bool same(const Result &a, const Result &b)
{
	if (a.outcome != b.outcome || a.accesses != b.accesses ||
	    a.finding.has_value() != b.finding.has_value())
		return false;
	return !a.finding || (a.finding->same_as(*b.finding) && a.finding->text == b.finding->text);
}

std::string verdict(const Result &result)
{
	return result.finding ? report::title(*result.finding) : "no violation";
}

} // namespace

Result run_twice(Runner &runner, const Schedule &schedule, const std::vector<std::string> &oracles)
{
	RunOptions options;
	options.oracles = oracles;
	const Result first = runner.run(schedule, options);
	options.record = true;
	Result second = runner.run(schedule, options);
	if (!same(first, second))
		throw Failure(
			fmt::format("replay diverged: first {} after {} accesses, then {} after "
				    "{}; this is a bug of lazymm, please report it with {}",
				    verdict(first), first.accesses, verdict(second),
				    second.accesses, schedule::to_token(schedule)),
			kCannotTell);
	return second;
}

bool conclusive(const Result &result)
{
	return result.finding ||
	       (result.outcome != Outcome::limit && result.outcome != Outcome::stuck);
}

std::string replay_options(const std::vector<std::string> &oracles)
{
	return oracles.empty() ? "" : fmt::format("--oracles {}", fmt::join(oracles, ","));
}

std::string witness_text(const Schedule &schedule, const Result &result)
{
	std::string text = fmt::format("# {}\n", verdict(result));
	if (result.finding) {
		for (const std::string &line :
		     report::wrap(result.finding->text, report::kWidth - 2, 0))
			text += fmt::format("# {}\n", line);
	}
	return text + schedule::to_text(schedule);
}

std::string file_part(std::string text)
{
	std::replace_if(
		text.begin(), text.end(),
		[](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '-');
	return text;
}

std::string write_witness(NewFile &file, const Schedule &schedule, const Result &result)
{
	std::string stem = schedule.bug.empty() ? schedule.scheme : schedule.bug;
	if (result.finding)
		stem += "-" + file_part(result.finding->kind);
	file.write(witness_text(schedule, result));
	for (unsigned i = 1;; i++) {
		const std::string name =
			i == 1 ? stem + ".sched" : fmt::format("{}-{}.sched", stem, i);
		if (file.name(name))
			return file.directory() + "/" + name;
	}
}

void write_named(NewFile &file, const std::string &name, std::string_view text)
{
	file.write(text);
	if (!file.name(name))
		throw Failure(
			fmt::format("'{}/{}' exists already and is left as it is; choose another "
				    "name",
				    file.directory(), name));
}

} // namespace lazymm::command
