// SPDX-License-Identifier: MIT
#include "fuzz/target.h"

#include "core/harness/run.h"
#include "core/report/picture.h"
#include "core/report/what_ran.h"
#include "core/schedule/names.h"
#include "core/schedule/op_groups.h"
#include "core/schedule/token.h"
#include "core/schemes/registry.h"
#include "fuzz/feedback.h"
#include "fuzz/input.h"
#include "fuzz/sanitizer_hook.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

namespace lazymm::fuzz
{

namespace
{

struct Target {
	Experiment experiment;
	schedule::Schedule schedule; ///< used again and again
	Runner runner;
	RunOptions options;
	schedule::Alphabet operations;
	bool leaks = false;
};

Target *target;

std::string environment(const char *name)
{
	const char *value = std::getenv(name);
	return value ? value : "";
}

[[noreturn]] void give_up(const std::string &message, int status)
{
	std::fprintf(stderr, "lazymm fuzz target: %s\n", message.c_str());
	std::_Exit(status);
}

schedule::Memory memory()
{
	const std::string word = environment("LAZYMM_MEMORY");
	if (word.empty())
		return schedule::Memory::sc;
	const auto memory = schedule::find_memory(word);
	if (!memory)
		give_up(fmt::format("LAZYMM_MEMORY is '{}': expected sc, tso or weak", word), 2);
	return *memory;
}

unsigned cpus()
{
	const std::string word = environment("LAZYMM_CPUS");
	if (word.empty())
		return 0;
	if (word.size() != 1 || word[0] < '1' ||
	    word[0] > '0' + static_cast<int>(schedule::kMaxCpus))
		give_up(fmt::format("LAZYMM_CPUS is '{}': expected 1 to {}", word,
				    schedule::kMaxCpus),
			2);
	return static_cast<unsigned>(word[0] - '0');
}

/// Whether runs are to be recorded: see feedback.h.
bool wants_reads_from()
{
	const std::string word = environment("LAZYMM_FEEDBACK");
	if (!word.empty() && word != "rf" && word != "events")
		give_up(fmt::format("LAZYMM_FEEDBACK is '{}': expected rf or events", word), 2);
	return word != "events";
}

/// For the test of the sanitizers: races and uses after free are planted in schemes, and what a
/// scheme leaks the oracles see first.
bool planted_leak()
{
	const std::string word = environment("LAZYMM_PLANT");
	if (!word.empty() && word != "leak")
		give_up(fmt::format("LAZYMM_PLANT is '{}': expected leak", word), 2);
	return !word.empty();
}

[[gnu::noinline]] void leak()
{
	volatile char *gone = new char[40];
	*gone = 1;
}

/// The run once more, with all there is to see. The token has explicit decisions, so that it
/// depends on no strategy.
[[noreturn]] void report(const Finding &finding)
{
	Target &t = *target;
	const std::string oracle = finding.oracle;
	const Result found = t.runner.run(t.schedule);
	const schedule::Schedule shown = made_explicit(t.schedule, found);
	RunOptions recorded;
	recorded.record = true;
	const Result again = t.runner.run(shown, recorded);
	std::string text;
	if (again.finding && again.finding->same_as(finding))
		text = report::picture(shown, again);
	else
		text = fmt::format("lazymm: VIOLATION {}, and the replay with explicit decisions "
				   "diverged: a bug of lazymm\n  replay:  lazymm replay {}\n",
				   report::title(finding), schedule::to_token(t.schedule));
	std::fprintf(stderr, "\n%s\nASSERTION FAILED: %s scheme=%s\n", text.c_str(), oracle.c_str(),
		     t.schedule.scheme.c_str());
	std::fflush(stderr);
	std::abort();
}

} // namespace

void start(const char *scheme)
{
	on_sanitizer_report(report::say_what_ran);
	static Target the_target;
	target = &the_target;
	target->options.record = wants_reads_from();
	target->leaks = planted_leak();
	target->experiment = { memory(), cpus() };
	target->schedule.scheme = scheme;
	target->schedule.bug = environment("LAZYMM_BUG");
	if (const auto refusal = target->runner.prepare(target->schedule))
		give_up(fmt::format("{}{}", target->schedule.bug.empty() ? "" : "LAZYMM_BUG: ",
				    refusal->message),
			refusal->unknown ? 125 : 2);
	target->operations =
		schedule::alphabet_for(schemes::usual_operations(scheme, target->schedule.bug));
}

const schedule::Alphabet &operations()
{
	return target->operations;
}

void run_input(const std::uint8_t *data, std::size_t size)
{
	Target &t = *target;
	if (t.leaks)
		leak();
	from_input({ data, size }, t.experiment, t.schedule);
	const Result &result = t.runner.run(t.schedule, t.options);
	feed_back(result);
	if (result.finding) {
		const Finding finding = *result.finding; // the result is the next run's
		report(finding);
	}
}

} // namespace lazymm::fuzz
