// SPDX-License-Identifier: MIT
// The tiny kernel against a model of tasks and mms (model.h), as RapidCheck tests what has a state
// (rc::state): after every operation, who runs where, in which mm, lazy on which, and how many
// users each mm has.
#include <rapidcheck/state.h>

#include "properties/operations.h"
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

/// As many operations as a case of that size has.
Schedule make_stateful(schedule::Rng &rng, unsigned)
{
	const Model model(static_cast<std::uint32_t>(rng.next()), 2 + rng.below(2));
	const auto operations = rc::state::gen::commands(
		model, rc::state::gen::execOneOfWithArgs<Operation>())(rc::Random(rng.next()), 30);
	return as_schedule(operations.value(), model);
}
constexpr Mix stateful{ "stateful", "operations that the model knows, in turn", make_stateful };

void kernel_is_as_the_model(Case &c)
{
	Observed observed;
	const Result shown = c.run_in_turn(observed);
	const Model before = model_of(c.schedule);
	const Operations operations = as_operations(c.schedule, before);
	Sut sut(c);
	rc::state::runAll(operations, before, sut);
	Model behind = before;
	rc::state::applyAll(operations, behind);
	c.did("ten operations", operations.size() >= 10);
	c.did("an mm has lost its last user",
	      std::count(behind.users.begin() + 1, behind.users.end(), 0));
	c.did("a task runs elsewhere than at first", happened(shown, EventKind::switched));
}

REGISTER_PROPERTY({
	.name = "kernel-as-the-model",
	.promise = "after each operation tasks and mms are what a model says, lazy or not",
	.mixes = { stateful },
	.check = kernel_is_as_the_model,
	.covers = { { "ten operations", 0.5 },
		    { "an mm has lost its last user", 0.2 },
		    { "a task runs elsewhere than at first", 0.5 } },
	.oracles = { "mm-count" },
	.twin = "rc-prev-mm-not-cleared",
	.cases = 1000,
	// The others are lazy on something else.
	.schemes = { "refcount", "refcount-rt" },
	.seeded = true,
});

} // namespace
} // namespace lazymm::properties
