// SPDX-License-Identifier: MIT
#include "properties/operations.h"

#include <algorithm>

#include <rapidcheck.h>

#include "properties/kernel_state.h"

namespace lazymm::properties
{

using schedule::Op;
using schedule::OpKind;

Operation::Operation(const Model &model)
{
	const OpKind kind = *rc::gen::weightedElement<OpKind>({
		{ 8, OpKind::switch_to },
		{ 2, OpKind::fork },
		{ 2, OpKind::thread },
		{ 1, OpKind::exec },
		{ 3, OpKind::exit },
		{ 2, OpKind::use_mm },
		{ 1, OpKind::unuse_mm },
		{ 1, OpKind::get },
		{ 1, OpKind::put },
		{ 1, OpKind::pin },
		{ 1, OpKind::unpin },
	});
	const unsigned range = schedule::operand_count(schedule::info(kind).operand);
	op_ = Op{ kind, static_cast<std::uint8_t>(*rc::gen::inRange(0u, range)), {} };
	RC_PRE(model.knows(*op_));
}

void Operation::checkPreconditions(const Model &model) const
{
	RC_PRE(!op_ || model.knows(*op_));
}

void Operation::apply(Model &model) const
{
	if (op_)
		model.carry_out(*op_);
	else
		model.pass();
}

void Operation::run(const Model &before, Sut &sut) const
{
	if (!op_)
		return;
	sut.so_far.cpus[before.cpu].push_back(*op_);
	KernelState kernel;
	const Result &result = sut.c.run_beside(sut.so_far, kernel.options());
	require(!result.finding, "freed", result.finding ? result.finding->text : "");
	const std::vector<std::string> model = nextState(before).lines();
	for (std::size_t i = 0; i < std::max(model.size(), kernel.lines.size()); i++) {
		const std::string is = i < kernel.lines.size() ? kernel.lines[i] : "nothing";
		const std::string should = i < model.size() ? model[i] : "nothing";
		require(is == should, "differs",
			"The kernel says '" + is + "', the model '" + should + "'.");
	}
}

Model model_of(const Schedule &schedule)
{
	return { schedule.search ? schedule.search->seed : 0,
		 static_cast<unsigned>(schedule.cpus.size()) };
}

Operations as_operations(const Schedule &schedule, Model model)
{
	Operations all;
	std::size_t left = 0, next[schedule::kMaxCpus] = {};
	for (const auto &script : schedule.cpus)
		left += script.size();
	for (; left > 0; all.back()->apply(model)) {
		const auto &script = schedule.cpus[model.cpu];
		std::size_t &i = next[model.cpu];
		if (i == script.size()) {
			all.push_back(std::make_shared<Operation>());
			continue;
		}
		const Op bare{ script[i].kind, script[i].operand, {} };
		if (!model.knows(bare))
			break;
		all.push_back(std::make_shared<Operation>(bare));
		i++, left--;
	}
	return all;
}

Schedule as_schedule(const Operations &operations, Model model)
{
	Schedule s;
	s.search = { schedule::Strategy::random, model.seed };
	s.cpus.assign(model.cpus, {});
	for (const auto &command : operations) {
		if (const auto &op = static_cast<const Operation &>(*command).op())
			s.cpus[model.cpu].push_back(*op);
		command->apply(model);
	}
	return s;
}

} // namespace lazymm::properties
