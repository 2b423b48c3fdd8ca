// SPDX-License-Identifier: MIT
#include "core/harness/few_decisions.h"

#include <utility>

namespace lazymm
{

using schedule::Decision;
using schedule::DecisionKind;
using schedule::Op;
using schedule::Schedule;

FewDecisions::FewDecisions(Schedule origin, const std::vector<unsigned> &lengths, unsigned most)
	: origin_(std::move(origin)), most_(most)
{
	std::size_t nth = 0;
	for (std::uint8_t cpu = 0; cpu < origin_.cpus.size(); cpu++) {
		for (std::uint8_t op = 0; op < origin_.cpus[cpu].size(); op++, nth++) {
			origin_.cpus[cpu][op].decisions.clear();
			for (std::uint16_t at = 1; at <= lengths[nth]; at++) {
				for (std::uint8_t to = 0; to < origin_.cpus.size(); to++) {
					if (to != cpu)
						all_.push_back(
							{ cpu, op, { at, DecisionKind::run, to } });
				}
				all_.push_back({ cpu, op, { at, DecisionKind::preempt, 0 } });
				all_.push_back({ cpu, op, { at, DecisionKind::irq, 0 } });
			}
		}
	}
	if (most_ > 1 && all_.size() * all_.size() / 2 > kMaxPairs)
		most_ = 1;
}

bool FewDecisions::next(Schedule &out)
{
	const auto add = [&](const One &one) {
		out.cpus[one.cpu][one.op].decisions.push_back(one.decision);
	};
	if (second_ == 0) {
		if (most_ > 0 && first_ < all_.size()) {
			out = origin_;
			add(all_[first_++]);
			return true;
		}
		first_ = 0;
	}
	if (most_ < 2)
		return false;
	if (++second_ >= all_.size()) {
		first_++;
		second_ = first_ + 1;
	}
	if (second_ >= all_.size())
		return false;
	out = origin_;
	add(all_[first_]);
	add(all_[second_]);
	return true;
}

} // namespace lazymm
