// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/corpus_shown.h"

#include "core/schedule/bytes.h"
#include "fuzz/input.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/tsan_reports.h"

#include <bit>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

std::string what_runs(const Schedule &schedule)
{
	std::string text = schedule.scheme;
	if (!schedule.bug.empty())
		text += " bug " + schedule.bug;
	for (const std::string &site : schedule.weaken)
		text += fmt::format(" weaken \"{}\"", site);
	return text;
}

/// As a search or a fuzz target of the scheme starts from it.
Schedule to_start_from(const Schedule &schedule)
{
	Schedule start;
	start.scheme = schedule.scheme;
	fuzz::from_input(schedule::encode(schedule), {}, start);
	return start;
}

} // namespace

void Features::add(const Result &result)
{
	for (std::size_t i = 0; i < kEvents / 64; i++)
		words_[i] |= result.features[i];
	if (!result.trace)
		return;
	fuzz::for_each_pair(*result.trace, [&](std::size_t pair) {
		words_[(kEvents + pair) / 64] |= std::uint64_t{ 1 } << pair % 64;
	});
}

std::size_t Features::add(const Features &others)
{
	const std::size_t added = lacking(others);
	for (std::size_t i = 0; i < words_.size(); i++)
		words_[i] |= others.words_[i];
	return added;
}

std::size_t Features::count() const
{
	return Features().lacking(*this);
}

std::size_t Features::lacking(const Features &others) const
{
	std::size_t n = 0;
	for (std::size_t i = 0; i < words_.size(); i++)
		n += static_cast<std::size_t>(std::popcount(others.words_[i] & ~words_[i]));
	return n;
}

bool Shower::run(const Schedule &schedule, const RunOptions &options, Shown &shown)
{
	try {
		prepare(runner_, schedule, "");
	} catch (const Failure &failure) {
		shown.why_not = failure.message;
		return false;
	}
	const TsanReports tsan;
	const Result &result = runner_.run(schedule, options);
	if (result.finding)
		tsan.explained();
	const std::string what = what_runs(schedule);
	shown.features[what].add(result);
	if (result.finding)
		shown.findings.push_back(fmt::format("{}: {} {}", what, result.finding->oracle,
						     result.finding->kind));
	shown.finding = result.finding;
	return true;
}

Shown Shower::show(const Schedule &schedule, const CorpusNotes &notes)
{
	Shown shown;
	RunOptions options;
	options.record = true;
	const Schedule start = to_start_from(schedule);
	if (start != schedule && !run(start, options, shown))
		return shown;
	if (!notes.oracles.empty()) {
		try {
			options.oracles = oracle_names({ notes.oracles });
		} catch (const Failure &failure) {
			shown.why_not = failure.message;
			return shown;
		}
	}
	run(schedule, options, shown);
	return shown;
}

} // namespace lazymm::command
