// SPDX-License-Identifier: MIT
#include "core/harness/stepped_retry.h"

#include <utility>

#include "core/schedule/edits.h"

namespace lazymm
{

namespace
{

class Retry
{
public:
	Retry(Runner &runner, const Finding &wanted, const RetryOptions &options)
		: runner_(runner), wanted_(wanted), options_(options), rng_(options.seed)
	{
		run_.oracles = options.oracles;
	}

	Retried run(Schedule schedule)
	{
		for (; retried_.runs < options_.runs; retried_.runs++) {
			if (options_.interrupted && options_.interrupted())
				break;
			if (retried_.schedule && retried_.runs >= options_.runs / 2)
				break;
			// Free mode runs on the host's own model: on x86 that is tso. A race of
			// plain accesses shows on sc as well, and sooner.
			schedule.memory =
				retried_.runs % 2 ? schedule::Memory::tso : schedule::Memory::sc;
			schedule.search = { schedule::Strategy::portfolio,
					    static_cast<std::uint32_t>(rng_.next()) };
			const Result &result = runner_.run(schedule, run_);
			// A run that was cut off proves nothing.
			if (!result.finding || result.outcome == Outcome::limit)
				continue;
			if (retried_.schedule && !wanted(*result.finding))
				continue;
			keep(schedule, result);
			if (retried_.schedule && wanted(*retried_.finding))
				break;
		}
		return std::move(retried_);
	}

private:
	bool wanted(const Finding &finding) const
	{
		return finding.oracle == wanted_.oracle &&
		       (wanted_.kind.empty() || finding.kind == wanted_.kind);
	}

	/// If it shows again with its decisions written down; there are other seeds.
	void keep(const Schedule &schedule, const Result &result)
	{
		const Finding finding = *result.finding; // the result is the next run's
		Schedule made = made_explicit(schedule, result);
		const Result &again = runner_.run(made, run_);
		if (!again.finding || !again.finding->same_as(finding))
			return;
		retried_.schedule = std::move(made);
		retried_.finding = finding;
	}

	Runner &runner_;
	const Finding &wanted_;
	const RetryOptions &options_;
	RunOptions run_;
	schedule::Rng rng_;
	Retried retried_;
};

} // namespace

Retried retry_stepped(Runner &runner, const Schedule &schedule, const Finding &wanted,
		      const RetryOptions &options)
{
	return Retry(runner, wanted, options).run(schedule);
}

} // namespace lazymm
