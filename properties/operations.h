// SPDX-License-Identifier: MIT
// Operations as rc::state's commands: each is applied to the model and carried out by the kernel,
// and then both must have come to the same.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <rapidcheck/state.h>

#include "properties/model.h"
#include "properties/spec.h"

namespace lazymm::properties
{

/// The kernel, as far as it has been driven. A run is a function of its schedule, so each operation
/// is one more at the end of those before.
struct Sut {
	explicit Sut(Case &case_) : c(case_), so_far(case_.schedule)
	{
		so_far.cpus.assign(so_far.cpus.size(), {});
		if (!so_far.search)
			so_far.search.emplace(); // as run_in_turn() does
	}
	Case &c;
	Schedule so_far;
};

class Operation : public rc::state::Command<Model, Sut>
{
public:
	/// Nothing: the CPU whose turn it is has nothing left to do.
	Operation() = default;
	explicit Operation(schedule::Op op) : op_(std::move(op)) {}
	/// One that makes sense, drawn by RapidCheck.
	explicit Operation(const Model &model);

	void checkPreconditions(const Model &model) const override;
	void apply(Model &model) const override;
	void run(const Model &before, Sut &sut) const override;

	const std::optional<schedule::Op> &op() const { return op_; }

private:
	std::optional<schedule::Op> op_;
};

using Operations = std::vector<std::shared_ptr<const Operation::CommandType>>;

/// The model at the beginning of the schedule.
Model model_of(const Schedule &schedule);
/// Its operations in the order in which they are carried out, as far as the model knows them.
Operations as_operations(const Schedule &schedule, Model model);
/// The other way round; the seed is the model's.
Schedule as_schedule(const Operations &operations, Model model);

} // namespace lazymm::properties
