// SPDX-License-Identifier: MIT
#include "core/litmus/verdict.h"

#include <algorithm>
#include <numeric>

#include "core/litmus/evaluate.h"
#include "core/litmus/parser.h"
#include "core/litmus/search.h"
#include "core/litmus/states.h"

namespace lazymm::litmus
{

namespace
{
std::string text_of(std::span<const std::int64_t> values, const Program &program)
{
	std::string text;
	for (std::size_t i = 0; i < values.size(); i++) {
		if (i)
			text += ' ';
		text += program.columns[i].label + "=" + to_string(values[i], program.names) + ";";
	}
	return text;
}

Verdict verdict_of(const Result &r)
{
	if (r.positive == 0)
		return Verdict::never;
	return r.negative ? Verdict::sometimes : Verdict::always;
}
} // namespace

std::variant<Result, Error> judge(std::string_view text, std::string_view file,
				  machine::Machine &machine, const Options &options)
{
	auto parsed = parse(text, file);
	if (auto *error = std::get_if<Error>(&parsed))
		return std::move(*error);
	return judge(std::get<Test>(parsed), machine, options);
}

std::variant<Result, Error> judge(const Test &test, machine::Machine &machine,
				  const Options &options)
{
	auto compiled = compile(test);
	if (auto *error = std::get_if<Error>(&compiled))
		return std::move(*error);
	const auto &program = std::get<Program>(compiled);
	Execution execution(machine, program);
	const unsigned cpus = program.threads.size();
	Search search(execution, cpus, options.strategy == Strategy::exhaustive);
	machine::Policy *policy = &search;
	if (options.sampler)
		policy = options.sampler;
	Evaluator holds(test.condition), wanted(test.filter);
	States states(program.columns.size());
	std::vector<std::int64_t> state(program.columns.size());
	std::vector<char> positive; // per state: the columns say all that the condition asks

	Result result{ .file = test.file,
		       .name = test.name,
		       .memory = options.memory,
		       .quantifier = test.quantifier,
		       .condition = test.condition.text };
	bool completed = false, complete = true, more = true;
	while (more && result.runs < options.max_runs) {
		if (options.sampler)
			options.sampler->begin(result.runs, cpus);
		else
			search.begin();
		machine::Outcome outcome = execution.run(*policy, options.memory);
		result.runs++;
		if (execution.wrong())
			return Error{ test.file, execution.wrong_at(), execution.wrong() };
		if (execution.cut() || outcome == machine::Outcome::limit)
			complete = false;
		more = options.sampler || search.next();
		if (outcome != machine::Outcome::completed || search.gave_up())
			continue;
		completed = true;
		if (test.has_filter && !wanted(execution))
			continue;
		for (std::size_t i = 0; i < state.size(); i++)
			state[i] = execution.final_value(program.columns[i]);
		std::uint32_t s = states.add(state);
		if (s == positive.size())
			positive.push_back(holds(execution));
		(positive[s] ? result.positive : result.negative)++;
	}
	result.exhaustive = complete && !more;
	result.verdict = completed ? verdict_of(result) : Verdict::deadlock;

	std::vector<std::uint32_t> order(states.size());
	std::iota(order.begin(), order.end(), 0);
	std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
		return std::ranges::lexicographical_compare(states[a], states[b]);
	});
	for (std::uint32_t s : order)
		result.states.push_back(
			{ text_of(states[s], program), states.count(s), positive[s] != 0 });
	return result;
}

} // namespace lazymm::litmus
