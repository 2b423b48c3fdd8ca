// SPDX-License-Identifier: MIT
// lazymm doctor: is this build, on this machine, able to find anything? A tool that sees nothing
// looks just like a scheme without bugs.
#include "core/machine/cpu.h"
#include "core/machine/site.h"
#include "core/oracles/oracle.h"
#include "core/report/json.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/host_membarrier.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/planted_race.h"
#include "fuzz/lazymm/verbs.h"

#include <chrono>
#include <fstream>
#include <thread>

#include <boost/version.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/utsname.h>

namespace lazymm::command
{

using report::Json;

namespace
{

struct Check {
	enum Verdict { ok, note, not_ok } verdict = ok;
	std::string what;
	std::string text;
	std::string next; ///< what to do, if something should be done
};

std::string first_line(const char *path)
{
	std::ifstream file(path);
	std::string line;
	std::getline(file, line);
	return line;
}

Check race_check(machine::Engine engine, const char *name)
{
	Check check{ .what = std::string("race, ") + name };
	const bool racy = machine_sees_race(engine, Planted::racy);
	const bool ordered = machine_sees_race(engine, Planted::ordered);
	if (racy && !ordered) {
		check.text = "the machine sees a planted race, and none in its ordered twin";
		return check;
	}
	check.verdict = Check::not_ok;
	check.text = racy ? "the machine reports a race where there is none"
			  : "the machine does not see a planted race";
	check.next = "do not trust this build; rebuild it with clang 19 by ci/test";
	return check;
}

Check tsan_check(machine::Engine engine, const char *name)
{
	Check check{ .what = std::string("TSan, ") + name };
	const bool racy = tsan_sees_race(engine, Planted::racy);
	const bool ordered = tsan_sees_race(engine, Planted::ordered);
	if (racy && !ordered) {
		check.text = "TSan sees a planted race, and none in its ordered twin";
		return check;
	}
	check.verdict = Check::not_ok;
	check.text = racy ? "TSan reports a race where there is none"
			  : "TSan does not see a planted race";
	check.next = "see whether TSAN_OPTIONS is set; the hand-over must be built without TSan";
	return check;
}

Check asan_check()
{
	Check check{ .what = "ASan" };
	if (asan_sees_use_after_free()) {
		check.text = "ASan sees a planted use after free";
		return check;
	}
	check.verdict = Check::not_ok;
	check.text = "ASan does not see a planted use after free";
	check.next = "see whether ASAN_OPTIONS is set";
	return check;
}

Check leak_check()
{
	Check check{ .what = "LSan" };
	const bool seen = lsan_sees_leak(true);
	const bool imagined = lsan_sees_leak(false);
	if (seen && !imagined) {
		check.text = "LSan sees a planted leak, and none without it";
		return check;
	}
	check.verdict = Check::not_ok;
	check.text = seen ? "LSan reports a leak where there is none, or cannot run"
			  : "LSan does not see a planted leak";
	check.next = "see whether ASAN_OPTIONS or LSAN_OPTIONS is set; LSan needs ptrace()";
	return check;
}

Check build_check()
{
	Check check{ .what = "build", .text = version() };
#if !defined(__clang__) || __clang_major__ < 19
	check.verdict = Check::note;
	check.next = "clang 19 is the reference compiler: ci/setup installs it";
#endif
	return check;
}

Check contents_check()
{
	unsigned sites = 0;
	for (const machine::Site *site = machine::Site::first(); site; site = site->next())
		sites++;
	const std::size_t schemes = schemes::all_schemes().size();
	const std::size_t oracles = oracles::make_all().size();
	Check check{ .what = "contents",
		     .text = fmt::format("{} schemes, {} planted bugs, {} oracles, {} sites",
					 schemes, schemes::all_bugs().size(), oracles, sites) };
	if (schemes == 0 || oracles == 0) {
		check.verdict = Check::not_ok;
		check.next = "link the libraries of schemes and oracles whole";
	}
	return check;
}

Check libraries_check()
{
	return { .what = "libraries",
		 .text = fmt::format("fmt {}.{}.{}, CLI11 {}, nlohmann-json {}.{}.{}, boost {}.{}",
				     FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
				     FMT_VERSION % 100, CLI11_VERSION, NLOHMANN_JSON_VERSION_MAJOR,
				     NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH,
				     BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000) };
}

Check cores_check()
{
	const unsigned cores = std::thread::hardware_concurrency();
	Check check{ .what = "cores", .text = std::to_string(cores) };
	if (cores < 2) {
		check.verdict = Check::note;
		check.next = "free mode needs two cores to show anything; stepped mode does not";
	}
	return check;
}

Check core_pattern_check()
{
	const std::string pattern = first_line("/proc/sys/kernel/core_pattern");
	Check check{ .what = "core dumps", .text = fmt::format("core_pattern is '{}'", pattern) };
	rlimit limit{};
	getrlimit(RLIMIT_CORE, &limit);
	if (pattern.starts_with('|') && limit.rlim_cur != 0) {
		check.verdict = Check::note;
		check.next = "every finding of a fuzz target runs that program; 'ulimit -c 0' or "
			     "'sysctl kernel.core_pattern=core' avoids it";
	}
	return check;
}

Check address_space_check()
{
	const std::string bits = first_line("/proc/sys/vm/mmap_rnd_bits");
	Check check{ .what = "addresses",
		     .text = fmt::format("randomize_va_space {}, mmap_rnd_bits {}",
					 first_line("/proc/sys/kernel/randomize_va_space"),
					 bits.empty() ? "unknown" : bits) };
	rlimit limit{};
	getrlimit(RLIMIT_AS, &limit);
	if (limit.rlim_cur != RLIM_INFINITY) {
		check.verdict = Check::note;
		check.next = "sanitizers need address space without a limit: 'ulimit -v unlimited'";
	}
	return check;
}

Check kernel_check()
{
	utsname name{};
	uname(&name);
	return { .what = "kernel",
		 .text = fmt::format("{} {} {}", name.sysname, name.release, name.machine) };
}

std::vector<Check> all_checks()
{
	std::vector<Check> checks;
	// These fork, and so come before there are threads.
	if (LAZYMM_TSAN) {
		checks.push_back(tsan_check(machine::Engine::fibers, "fibers"));
		checks.push_back(tsan_check(machine::Engine::threads, "threads"));
	}
	if (LAZYMM_ASAN) {
		checks.push_back(asan_check());
		checks.push_back(leak_check());
	}
	checks.push_back(race_check(machine::Engine::fibers, "fibers"));
	checks.push_back(race_check(machine::Engine::threads, "threads"));
	for (const auto check : { build_check, contents_check, libraries_check, kernel_check,
				  cores_check, address_space_check, core_pattern_check })
		checks.push_back(check());
	return checks;
}

std::string line(const Check &check, const report::Style &style)
{
	const char *verdicts[] = { "ok", "note", "not ok" };
	std::string verdict = fmt::format("{:<7}", verdicts[check.verdict]);
	if (check.verdict != Check::note)
		verdict = check.verdict == Check::ok ? style.good(verdict) : style.bad(verdict);
	std::string text = fmt::format("{} {:<14} {}", verdict, check.what, check.text);
	if (!check.next.empty())
		text += "; next: " + check.next;
	return text + '\n';
}

Json to_json(const Check &check)
{
	const char *verdicts[] = { "ok", "note", "not ok" };
	return { { "verdict", verdicts[check.verdict] },
		 { "what", check.what },
		 { "text", check.text },
		 { "next", check.next.empty() ? Json() : Json(check.next) } };
}

int check_build(bool json, Console &console)
{
	int status = kClean;
	Json all = Json::array();
	for (const Check &check : all_checks()) {
		if (json)
			all.push_back(to_json(check));
		else
			console.print(line(check, console.style()));
		if (check.verdict == Check::not_ok)
			status = kCannotTell;
	}
	if (json)
		console.print(report::dump(all));
	return status;
}

std::string line(const HostCheck &check, const report::Style &style)
{
	const char *verdicts[] = { "ok", "note", "not ok" };
	std::string verdict = fmt::format("{:<7}", verdicts[check.verdict]);
	if (check.verdict != HostCheck::note)
		verdict = check.verdict == HostCheck::ok ? style.good(verdict) : style.bad(verdict);
	return fmt::format("{} {:<28} {}\n", verdict, check.what, check.text);
}

std::string summary(const HostMembarrier &host, const std::string &kernel, double took,
		    const report::Style &style)
{
	std::string text;
	for (const HostCheck &check : host.checks) {
		if (check.verdict == HostCheck::violation)
			text += fmt::format("lazymm: {} of the running kernel, {}: {}: {}\n",
					    style.bad("VIOLATION"), kernel, check.what, check.text);
	}
	if (text.empty())
		text = fmt::format("lazymm: no violation seen of the running kernel, {}\n", kernel);
	return text + fmt::format("  {:.1f} s{}\n", took, host.interrupted ? ", interrupted" : "");
}

int check_membarrier(double seconds, bool json, Console &console)
{
	const auto start = std::chrono::steady_clock::now();
	const HostMembarrier host = check_host_membarrier(seconds);
	const double took =
		std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
	const std::string kernel = kernel_check().text;
	bool violation = false;
	for (const HostCheck &check : host.checks)
		violation |= check.verdict == HostCheck::violation;
	if (json) {
		Json checks = Json::array();
		for (const HostCheck &check : host.checks) {
			const char *verdicts[] = { "ok", "note", "violation" };
			checks.push_back({ { "verdict", verdicts[check.verdict] },
					   { "what", check.what },
					   { "text", check.text },
					   { "counts", check.counts } });
		}
		console.print(report::dump(Json{ { "violation", violation },
						 { "kernel", kernel },
						 { "seconds", took },
						 { "interrupted", host.interrupted != 0 },
						 { "checks", std::move(checks) } }));
	} else {
		for (const HostCheck &check : host.checks)
			console.print(line(check, console.style()));
		console.print(summary(host, kernel, took, console.style()));
	}
	if (violation)
		return kViolation;
	return host.interrupted ? 128 + host.interrupted : kClean;
}

} // namespace

int doctor(const Arguments &arguments, Console &console)
{
	CommandLine command_line(
		"doctor",
		"Checks that this build, on this machine, can find anything: a race "
		"is planted and must be seen.\nExit status 125 if something is not "
		"ok.\n\nWith --membarrier it checks the running kernel instead: whether "
		"membarrier(2) keeps what it\npromises to pinned threads that run, sleep or "
		"take turns with another process. Exit status 1 if a\nforbidden outcome or a "
		"thread left out was seen, 0 if not or if nothing can be checked here.",
		"lazymm doctor; lazymm doctor --membarrier --seconds 60");
	bool membarrier = false, json = false;
	double seconds = 5;
	CLI::App &app = command_line.app();
	app.add_flag("--membarrier", membarrier, "check the running kernel's membarrier(2)");
	const CLI::Option *limit =
		app.add_option("--seconds", seconds, "for --membarrier (5)")->check(is_seconds());
	app.add_flag("--json", json, "as JSON, with all counts");
	if (const auto status = command_line.parse(arguments, console))
		return *status;
	if (limit->count() != 0 && !membarrier)
		throw Failure("lazymm doctor: --seconds is for --membarrier");
	return membarrier ? check_membarrier(seconds, json, console) : check_build(json, console);
}

} // namespace lazymm::command
