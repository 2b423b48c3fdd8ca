// SPDX-License-Identifier: MIT
// For tests: any schedule within the limits, the extreme ones too. It shares no code with what it
// tests, and knows nothing of what is sensible (random_schedule() does).
#pragma once

#include "core/schedule/limits.h"
#include "core/schedule/rng.h"
#include "core/schedule/text.h"

#include <algorithm>
#include <ostream>

namespace lazymm::schedule
{

/// What GoogleTest shows of a schedule.
inline void PrintTo(const Schedule &schedule, std::ostream *out)
{
	*out << '\n' << to_text(schedule);
}

inline Decision any_decision(Rng &rng, unsigned cpus)
{
	Decision decision;
	decision.kind = static_cast<DecisionKind>(rng.below(kDecisionKinds));
	const unsigned small = 1 + rng.below(20);
	decision.at = static_cast<std::uint16_t>(rng.one_in(8) ? 1 + rng.below(kMaxAt) : small);
	decision.arg = static_cast<std::uint8_t>(rng.below(rng.one_in(2) ? 4 : 256) %
						 arg_range(decision.kind, cpus));
	return decision;
}

inline Op any_op(Rng &rng, unsigned cpus)
{
	Op op;
	op.kind = static_cast<OpKind>(rng.below(kOpKinds));
	op.operand =
		static_cast<std::uint8_t>(rng.below(operand_range(info(op.kind).operand, cpus)));
	if (rng.one_in(3))
		op.decisions.resize(rng.one_in(100) ? rng.below(kMaxDecisions + 1) : rng.below(6));
	for (Decision &decision : op.decisions)
		decision = any_decision(rng, cpus);
	std::sort(op.decisions.begin(), op.decisions.end(),
		  [](const Decision &a, const Decision &b) { return a.at < b.at; });
	return op;
}

/// What the bytes carry: all but scheme, bug and weaken.
inline Schedule any_schedule(Rng &rng)
{
	Schedule schedule;
	const unsigned cpus = 1 + rng.below(kMaxCpus);
	schedule.memory = static_cast<Memory>(rng.below(3));
	schedule.hotplug = static_cast<Hotplug>(rng.below(3));
	schedule.mm = static_cast<MmMemory>(rng.below(2));
	if (rng.one_in(2)) {
		const auto strategy = static_cast<Strategy>(rng.below(kStrategies));
		const auto seed = static_cast<std::uint32_t>(rng.next() >> (32 + rng.below(32)));
		schedule.search = Search{ strategy, seed };
	}
	schedule.cpus.assign(cpus, {});
	for (std::vector<Op> &script : schedule.cpus) {
		script.resize(rng.one_in(50) ? rng.below(kMaxOps + 1) : rng.below(8));
		for (Op &op : script)
			op = any_op(rng, cpus);
	}
	if (rng.one_in(2))
		schedule.arch = static_cast<Arch>(rng.below(kArches));
	return schedule;
}

inline std::string any_site(Rng &rng)
{
	std::string site(1 + rng.below(12), 'x');
	for (char &c : site)
		c = static_cast<char>(rng.one_in(4) ? rng.below(256) : 'a' + rng.below(26));
	return site;
}

/// With a scheme, and sometimes with a bug and weakened sites: what text and tokens carry.
inline Schedule any_named_schedule(Rng &rng)
{
	Schedule schedule = any_schedule(rng);
	schedule.scheme = rng.one_in(2) ? "refcount" : "hazptr-2";
	if (rng.one_in(2))
		schedule.bug = "rc-missing-grab-u2k";
	for (unsigned sites = rng.one_in(2) ? rng.below(3) : 0; sites > 0; sites--)
		schedule.weaken.push_back(any_site(rng));
	return schedule;
}

} // namespace lazymm::schedule
