// SPDX-License-Identifier: MIT
// lazymm litmus: the kernel's litmus tests on the machine, as herd7 runs them on the kernel's
// memory model.
#include "core/litmus/verdict.h"

#include "core/harness/strategy.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/reports.h"
#include "fuzz/lazymm/verbs.h"

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

struct Options {
	std::vector<std::string> files;
	std::string memory = "weak", strategy = "exhaustive";
	std::uint64_t runs = 2'000'000, seed = 1;
	bool json = false, counts = false;
	Reports reports;
};

/// A search strategy of the harness instead of all executions. It makes its choices among accesses;
/// litmus tests have no interrupts.
class Sampler final : public litmus::Sampler
{
public:
	Sampler(schedule::Strategy strategy, std::uint64_t seed)
		: strategy_(make_strategy(strategy)), seed_(seed)
	{
	}

private:
	void begin(std::uint64_t run, unsigned cpus) override
	{
		RunShape shape{ .cpus = cpus, .expected_accesses = 5 * cpus };
		std::fill(std::begin(shape.ops), std::begin(shape.ops) + cpus, 1);
		strategy_->begin(seed_ + run, shape);
	}
	std::uint32_t next_question(const machine::Cpu &cpu) override
	{
		return cpu.activity.count + 1 + strategy_->lookahead(cpu);
	}
	machine::Choice before_access(const machine::Cpu &cpu, const machine::Access &access,
				      machine::CpuSet movable) override
	{
		const auto choice = strategy_->before_access(cpu, access, movable);
		return choice.kind == machine::Choice::run ? choice : machine::Choice{};
	}
	unsigned next_cpu(const machine::Cpu &cpu, machine::CpuSet movable) override
	{
		return strategy_->next_cpu(cpu, movable);
	}
	std::uint32_t hold_back(const machine::Cpu &) override { return 0; }
	unsigned pick(const machine::Cpu &cpu, unsigned n) override
	{
		return strategy_->pick(cpu, n);
	}
	unsigned older(const machine::Cpu &cpu, unsigned n) override
	{
		return strategy_->older(cpu, n);
	}
	unsigned under(const machine::Cpu &cpu, unsigned n) override
	{
		return strategy_->under(cpu, n);
	}
	std::uint32_t hold(const machine::Cpu &cpu) override { return strategy_->hold(cpu); }

	std::unique_ptr<Strategy> strategy_;
	std::uint64_t seed_;
};

litmus::Options options_of(const Options &options, std::unique_ptr<Sampler> &sampler)
{
	constexpr std::string_view names[] = { "random",    "pct",   "pos",	   "surw",
					       "portfolio", "stall", "exhaustive", "naive" };
	const std::size_t strategy = choose("--strategy", options.strategy, names);
	litmus::Options out;
	out.memory = static_cast<machine::Memory>(memory_of(options.memory));
	out.max_runs = options.runs;
	if (options.strategy == "naive")
		out.strategy = litmus::Strategy::naive;
	else if (options.strategy != "exhaustive")
		sampler = std::make_unique<Sampler>(static_cast<schedule::Strategy>(strategy),
						    options.seed);
	out.sampler = sampler.get();
	return out;
}

/// There is no verdict that a file has to have: it passes if it has one.
std::string verdict_text(const litmus::Result &result)
{
	const std::string verdict(litmus::to_string(result.verdict));
	return result.exhaustive
		       ? verdict
		       : fmt::format("{}; not exhaustive: {} executions", verdict, result.runs);
}

/// Goes on after a file that is wrong: its line is told, and the status is kUsage at the end.
int judge_all(Options &options, Console &console)
{
	std::unique_ptr<Sampler> sampler;
	const litmus::Options how = options_of(options, sampler);
	machine::Machine machine(Engine::fibers);
	const Interrupt interrupt;
	int status = kClean;
	for (const std::string &file : options.files) {
		report::Case one{ .suite = "litmus/" + options.memory, .name = file, .file = file };
		if (const int signal = Interrupt::raised()) {
			one.verdict = report::Verdict::error;
			one.message = "interrupted before it";
			options.reports.add(std::move(one));
			return 128 + signal;
		}
		try {
			const auto judged = litmus::judge(read_file(file), file, machine, how);
			if (const auto *error = std::get_if<litmus::Error>(&judged))
				throw Failure(error->text());
			const auto &result = std::get<litmus::Result>(judged);
			console.print(options.json
					      ? litmus::json_line(result) + '\n'
					      : litmus::herd_text(result, options.counts) + '\n');
			if (!options.json && !result.exhaustive)
				console.print(fmt::format("Not exhaustive: {} executions\n\n",
							  result.runs));
			one.message = verdict_text(result);
		} catch (const Failure &failure) {
			console.flush();
			console.complain(
				fmt::format("lazymm litmus: {}\n", printable(failure.message)));
			status = kUsage;
			one.verdict = report::Verdict::error;
			one.message = failure.message;
		}
		options.reports.add(std::move(one));
	}
	return status;
}

} // namespace

int litmus(const Arguments &arguments, Console &console)
{
	CommandLine line(
		"litmus",
		"Runs litmus tests of the Linux kernel (C) on the machine: all executions, "
		"or some, and\nprints the final states and Never, Sometimes or Always, as "
		"herd7 does. A construct that\nit does not know is an error, never a "
		"verdict. Exit status 0 if every file has one.",
		"lazymm litmus --memory tso SB+fencembonceonces.litmus");
	Options options;
	CLI::App &app = line.app();
	app.add_option("FILE", options.files, "litmus tests")->required()->type_name("");
	app.add_option("--memory", options.memory, "sc, tso or weak (weak)")->type_name("MODEL");
	app.add_option(
		   "--strategy", options.strategy,
		   "exhaustive (the default), naive (without reduction), random, pct, pos, surw, "
		   "portfolio or stall")
		->type_name("NAME");
	app.add_option("--runs", options.runs, "executions at the most (2000000)")
		->check(is_number(1, ~0ull));
	app.add_option("--seed", options.seed, "of a strategy that draws (1)")
		->check(is_number(0, ~0ull));
	app.add_flag("--counts", options.counts, "how many executions end in each state");
	app.add_flag("--json", options.json, "one JSON object per test and line");
	options.reports.add_option(app);
	if (const auto status = line.parse(arguments, console))
		return *status;
	options.reports.open(console);
	return options.reports.finish(judge_all(options, console), console);
}

} // namespace lazymm::command
