// SPDX-License-Identifier: MIT
#include "core/litmus/search.h"

#include <bit>

namespace lazymm::litmus
{

using machine::cpu_bit;
using machine::CpuSet;

Search::Search(Execution &execution, unsigned cpus, bool reduce)
	: Steering(execution), cpus_(cpus), reduce_(reduce)
{
	nodes_.reserve(1024);
}

void Search::begin()
{
	Steering::begin();
	depth_ = 0;
	sleep_ = 0;
}

/// CPUs such that nothing the others may still do conflicts with what these are about to do: it is
/// enough to let one of these go next. Who holds what a waiting one needs conflicts with it, and so
/// is among them.
CpuSet Search::closure(unsigned cpu) const
{
	CpuSet set = cpu_bit(cpu), open = set;
	while (open) {
		unsigned q = std::countr_zero(open);
		open &= ~cpu_bit(q);
		for (unsigned r = 0; r < cpus_; r++)
			if (!(set & cpu_bit(r)) &&
			    conflict(execution_.pending(q), execution_.future(r))) {
				set |= cpu_bit(r);
				open |= cpu_bit(r);
			}
	}
	return set;
}

CpuSet Search::persistent(CpuSet candidates, unsigned current) const
{
	CpuSet best = candidates;
	for (unsigned i = 0; i < cpus_; i++) {
		unsigned cpu = (current + i) % cpus_;
		if (!(candidates & cpu_bit(cpu)))
			continue;
		CpuSet set = closure(cpu) & candidates;
		if (std::popcount(set) < std::popcount(best))
			best = set;
		if (std::popcount(best) == 1)
			break;
	}
	return best;
}

unsigned Search::choose(CpuSet candidates, unsigned current)
{
	if (depth_ == nodes_.size()) {
		Node node;
		node.sleep = sleep_;
		node.todo = reduce_ ? persistent(candidates, current) & ~sleep_ : candidates;
		if (!node.todo)
			return kNobody;
		node.chosen = node.todo & cpu_bit(current) ? current : std::countr_zero(node.todo);
		node.todo &= ~cpu_bit(node.chosen);
		nodes_.push_back(node);
	}
	const Node &node = nodes_[depth_++];
	sleep_ = 0;
	if (reduce_)
		for (CpuSet z = node.sleep | node.done; z; z &= z - 1) {
			unsigned q = std::countr_zero(z);
			if (!conflict(execution_.pending(q), execution_.pending(node.chosen)))
				sleep_ |= cpu_bit(q);
		}
	return node.chosen;
}

unsigned Search::among(unsigned n)
{
	if (depth_ == nodes_.size())
		nodes_.push_back({ .memory = true, .count = n });
	return nodes_[depth_++].value;
}

bool Search::next()
{
	while (!nodes_.empty()) {
		Node &node = nodes_.back();
		if (node.memory) {
			if (++node.value < node.count)
				return true;
		} else {
			node.done |= cpu_bit(node.chosen);
			if (node.todo) {
				node.chosen = std::countr_zero(node.todo);
				node.todo &= ~cpu_bit(node.chosen);
				return true;
			}
		}
		nodes_.pop_back();
	}
	return false;
}

} // namespace lazymm::litmus
