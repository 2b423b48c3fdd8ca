// SPDX-License-Identifier: MIT
#include "core/litmus/evaluate.h"

namespace lazymm::litmus
{

static std::int64_t value_of(const Term &term, const Execution &execution)
{
	switch (term.kind) {
	case Term::reg:
		return execution.final_register(term.thread, term.index);
	case Term::memory:
		return execution.final_memory(term.index);
	default:
		return number_of(term.constant);
	}
}

bool Evaluator::operator()(const Execution &execution)
{
	for (std::size_t i = 0; i < values_.size(); i++) {
		const Condition::Node &n = condition_.nodes[i];
		switch (n.kind) {
		case Condition::yes:
		case Condition::no:
			values_[i] = n.kind == Condition::yes;
			break;
		case Condition::equal:
		case Condition::unequal:
			values_[i] = (value_of(n.left, execution) ==
				      value_of(n.right, execution)) == (n.kind == Condition::equal);
			break;
		case Condition::conjunction:
			values_[i] = values_[n.first] && values_[n.second];
			break;
		case Condition::disjunction:
			values_[i] = values_[n.first] || values_[n.second];
			break;
		case Condition::negation:
			values_[i] = !values_[n.first];
			break;
		}
	}
	return values_.empty() || values_.back();
}

} // namespace lazymm::litmus
