// SPDX-License-Identifier: MIT
// Finds the verb, and turns whatever it throws into one line and an exit status.
#include "fuzz/lazymm/command.h"

#include "core/report/what_ran.h"
#include "core/schedule/names.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/tsan_reports.h"
#include "fuzz/lazymm/verbs.h"
#include "fuzz/sanitizer_hook.h"

#include <csignal>
#include <exception>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

constexpr Verb kVerbs[] = {
	{ "list", "schemes, bugs, oracles, operations, strategies, properties, sites, formats",
	  list },
	{ "run", "search for a schedule that breaks a promise, and minimise it", run },
	{ "stress", "the same with CPUs truly in parallel: for sanitizers and the host's memory",
	  stress },
	{ "replay", "run one schedule, and show what happens", replay },
	{ "minimize", "make a failing schedule as short as it can be", minimize },
	{ "show", "one schedule as text, token, bytes or picture", show },
	{ "bytes", "the same as 'show --as bytes': what a fuzz target reads", bytes },
	{ "barriers", "which ordered operations a scheme needs, on which memory model", barriers },
	{ "matrix", "who catches what: planted bugs by strategies; sound schemes stay silent",
	  matrix },
	{ "coverage", "interleavings: which pairs of places were seen in both orders", coverage },
	{ "diff", "the same operations under two schemes: do they agree, what do they cost?",
	  diff },
	{ "litmus", "run litmus tests of the kernel under a memory model", litmus },
	{ "corpus", "check, stats, merge, prune: schedules in files; adopt a crash file", corpus },
	{ "doctor", "is this build, on this machine, able to find anything?", doctor },
};

std::string help()
{
	std::string text = "lazymm runs lazy mm schemes under every interleaving, and shows what "
			   "breaks.\n\n"
			   "usage: lazymm VERB [OPTION...]; 'lazymm VERB --help' says more\n\n";
	for (const Verb &verb : kVerbs)
		text += fmt::format("  {:<10}{}\n", verb.name, verb.what);
	text += "\nA SCHEDULE is a file (text or bytes), a token (LMM1:...), or '-' for standard "
		"input.\n\n"
		"exit status: 0 no violation; 1 a violation; 2 usage or bad input; 125 cannot\n"
		"tell (unknown to this build, or replay diverged); 130, 143 interrupted\n\n"
		"example: lazymm run --scheme lazymm-2021 --seconds 60\n";
	return text;
}

const Verb &find_verb(const std::string &word)
{
	std::vector<std::string_view> names;
	for (const Verb &verb : kVerbs) {
		if (word == verb.name)
			return verb;
		names.push_back(verb.name);
	}
	throw Failure(fmt::format("unknown verb '{}'{}", printable(word),
				  did_you_mean(word, names, "'lazymm --help' lists them")));
}

/// TSan has seen what no oracle has spoken of: neither clean nor a violation of the scheme.
int heed_tsan(int status, Console &console)
{
	const int reports = lazymm_tsan_reports;
	if (status != kClean || reports == 0)
		return status;
	console.complain(
		fmt::format("lazymm: ThreadSanitizer reported {} above that no oracle found; "
			    "either is wrong, please report it\n",
			    reports == 1 ? "a race" : fmt::format("{} races", reports)));
	return kCannotTell;
}

int dispatch(const Arguments &arguments, Console &console, std::string &who)
{
	if (arguments.empty()) {
		console.complain(help());
		return kUsage;
	}
	const std::string &first = arguments.front();
	if (first == "--help" || first == "-h" || first == "help") {
		console.print(help());
		return kClean;
	}
	if (first == "--version") {
		console.print(version() + '\n');
		return kClean;
	}
	const Verb &verb = find_verb(first);
	who += std::string(" ") + verb.name;
	const int status = verb.run(Arguments(arguments.begin() + 1, arguments.end()), console);
	return heed_tsan(status, console);
}

} // namespace

std::span<const Verb> verbs()
{
	return kVerbs;
}

int run_command(const Arguments &arguments, Console &console)
{
	std::string who = "lazymm";
	fuzz::on_sanitizer_report(report::say_what_ran);
	try {
		const int status = dispatch(arguments, console, who);
		console.flush();
		return status;
	} catch (const Failure &failure) {
		try {
			console.flush(); // what was printed before stands before
		} catch (const Failure &) {
		}
		console.complain(fmt::format("{}: {}\n", who, printable(failure.message)));
		return failure.status;
	} catch (const std::bad_alloc &) {
		console.complain(who + ": out of memory; give it less to do, or more memory\n");
		return kCannotTell;
	} catch (const std::exception &error) {
		console.complain(
			fmt::format("{}: bug in the harness: {}\n", who, printable(error.what())));
		return kCannotTell;
	}
}

} // namespace lazymm::command

namespace
{

/// A descriptor that is closed would be given to the first file that we open, and that file what we
/// print. What stands in for it refuses, so that the loss is noticed.
void occupy_standard_descriptors()
{
	for (const int descriptor : { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO }) {
		if (fcntl(descriptor, F_GETFD) < 0)
			open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

} // namespace

int lazymm::command_main(int argc, char **argv)
{
	occupy_standard_descriptors();
	std::signal(SIGXFSZ, SIG_IGN); // write() says that a limit is reached
	command::Console console(stdin, stdout, stderr);
	return command::run_command(command::Arguments(argv + (argc > 0), argv + argc), console);
}
