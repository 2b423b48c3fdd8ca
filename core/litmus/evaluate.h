// SPDX-License-Identifier: MIT
// Conditions on final states.
#pragma once

#include "core/litmus/execution.h"
#include "core/litmus/test.h"

namespace lazymm::litmus
{

/// Whether `condition` holds at the end of the execution. No recursion, no allocation: children
/// stand before their parents.
class Evaluator
{
public:
	explicit Evaluator(const Condition &condition)
		: condition_(condition), values_(condition.nodes.size())
	{
	}

	bool operator()(const Execution &execution);

private:
	const Condition &condition_;
	std::vector<char> values_;
};

} // namespace lazymm::litmus
