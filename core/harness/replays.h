// SPDX-License-Identifier: MIT
// Replays on a budget: whether a schedule shows the finding that is being minimised. Internal to
// the minimiser.
#pragma once

#include <chrono>

#include "core/harness/minimize.h"

namespace lazymm
{

class Replays
{
public:
	Replays(const RunFunction &run, const Finding &finding, const MinimizeBudget &budget,
		const std::function<bool()> &interrupted)
		: run_(run), finding_(finding), budget_(budget), interrupted_(interrupted)
	{
	}

	/// Whether it shows the same finding; false, without a run, when the budget is spent.
	bool shows(const Schedule &schedule)
	{
		spent_ = spent_ || count_ >= budget_.replays || seconds() >= budget_.seconds ||
			 (interrupted_ && interrupted_());
		return !spent_ && shows_whatever_it_costs(schedule);
	}

	bool shows_whatever_it_costs(const Schedule &schedule)
	{
		count_++;
		last_ = &run_(schedule);
		return last_->finding && last_->finding->same_as(finding_);
	}

	/// Of the last run.
	const Result &result() const { return *last_; }
	bool spent() const { return spent_; }
	std::uint64_t count() const { return count_; }
	double seconds() const
	{
		return std::chrono::duration<double>(Clock::now() - began_).count();
	}

private:
	using Clock = std::chrono::steady_clock;

	const RunFunction &run_;
	const Finding finding_;
	const MinimizeBudget budget_;
	const std::function<bool()> &interrupted_;
	const Clock::time_point began_ = Clock::now();
	std::uint64_t count_ = 0;
	bool spent_ = false;
	const Result *last_ = nullptr;
};

} // namespace lazymm
