// SPDX-License-Identifier: MIT
#include "core/schedule/size.h"

#include <bit>

namespace lazymm::schedule
{

unsigned operand_rank(OperandKind kind, unsigned operand)
{
	// A B C D E F, K L, kthread idle. A CPU's own threads are known to everybody; K and L are
	// two more tasks to follow.
	constexpr unsigned kTaskRanks[kTaskNames.size()] = { 0, 1, 2, 3, 4, 5, 8, 9, 6, 7 };
	return kind == OperandKind::task ? kTaskRanks[operand] : operand;
}

unsigned decision_rank(DecisionKind kind)
{
	switch (kind) {
	case DecisionKind::run:
		return 0;
	case DecisionKind::irq:
		return 1;
	case DecisionKind::preempt:
		return 2;
	default:
		return 3;
	}
}

Size size(const Schedule &schedule)
{
	constexpr unsigned kNamed = kUserTasks + 2; // A..F, K, L
	Size size;
	unsigned tasks = 0;
	size.cpus = static_cast<unsigned>(schedule.cpus.size());
	size.searches = schedule.search.has_value();
	for (const std::vector<Op> &script : schedule.cpus) {
		size.ops += static_cast<unsigned>(script.size());
		for (const Op &op : script) {
			const OperandKind kind = info(op.kind).operand;
			size.operands += operand_rank(kind, op.operand);
			if ((kind == OperandKind::task || kind == OperandKind::user) &&
			    op.operand < kNamed)
				tasks |= 1u << op.operand;
			size.decisions += static_cast<unsigned>(op.decisions.size());
			for (const Decision &decision : op.decisions) {
				size.kinds += decision_rank(decision.kind);
				size.anchors += decision.at;
				size.args += decision.arg;
			}
		}
	}
	size.tasks = static_cast<unsigned>(std::popcount(tasks));
	return size;
}

} // namespace lazymm::schedule
