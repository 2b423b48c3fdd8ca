// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/corpus_cases.h"

#include "core/report/picture.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/corpus_shown.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/source.h"
#include "fuzz/lazymm/tsan_reports.h"
#include "fuzz/lazymm/witness.h"

#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;

constexpr const char *kNothing = "nothing";

bool is_sound(const std::string &scheme)
{
	const schemes::SchemeInfo *info = schemes::find_scheme(scheme);
	return info && info->expect == schemes::Expect::sound;
}

std::string shown(const Result &result)
{
	return result.finding ? result.finding->oracle + " " + result.finding->kind : kNothing;
}

/// SCHEME of SCHEME/seeds/NAME.sched.
std::string place_of(const CorpusFile &file)
{
	std::error_code ignored;
	const fs::path path = fs::absolute(file.path, ignored).lexically_normal();
	return path.parent_path().parent_path().filename().string();
}

std::string case_name(const CorpusFile &file, const std::string &scheme)
{
	const std::string stem = fs::path(file.path).filename().string();
	return fmt::format("{}/{}/{}", scheme.empty() ? "?" : scheme, name(file.kind), stem);
}

/// What it should show; "" if that does not matter.
std::string expected(const CorpusEntry &entry)
{
	switch (entry.file.kind) {
	case CorpusKind::witness:
	case CorpusKind::regression:
		return entry.notes.expect;
	case CorpusKind::seed:
	case CorpusKind::raw:
		break;
	}
	return is_sound(entry.schedule->scheme) ? kNothing : "";
}

} // namespace

struct CorpusReplay::Parts {
	Runner fibers{ Engine::fibers };
	Runner threads{ Engine::threads };

	Result run(const Schedule &schedule, const std::vector<std::string> &oracles)
	{
		prepare(fibers, schedule, "");
		prepare(threads, schedule, "");
		const TsanReports tsan;
		Result result = run_twice(fibers, schedule, oracles);
		RunOptions options;
		options.oracles = oracles;
		options.record = true;
		const std::string picture = report::picture(schedule, result);
		if (report::picture(schedule, threads.run(schedule, options)) != picture)
			throw Failure("fibers and threads show different pictures");
		if (tsan.count() && !result.finding)
			throw Failure("ThreadSanitizer reported a race that no oracle found");
		tsan.explained();
		return result;
	}

	/// Throws a Failure with what is wrong with it.
	void check(const CorpusEntry &entry, CorpusCase &one)
	{
		if (!entry.schedule)
			throw Failure(entry.problem);
		const Schedule &schedule = *entry.schedule;
		const bool raw = entry.file.kind == CorpusKind::raw;
		if (!raw && !entry.notes.any)
			throw Failure("has no comment that says what it is");
		if (!raw && schedule.scheme != place_of(entry.file))
			throw Failure(fmt::format("is of scheme {}, in another directory",
						  schedule.scheme));
		const std::vector<std::string> oracles =
			entry.notes.oracles.empty() ? std::vector<std::string>()
						    : oracle_names({ entry.notes.oracles });
		one.result = run(schedule, oracles);
		compare(entry, *one.result);
		if (!schedule.bug.empty() && is_sound(schedule.scheme))
			check_without_bug(schedule);
		if (!one.result->finding)
			one.result->trace.reset(); // there may be many
	}

	static void compare(const CorpusEntry &entry, const Result &result)
	{
		const CorpusKind kind = entry.file.kind;
		const std::string expect = expected(entry);
		if (kind == CorpusKind::witness && (expect.empty() || expect == kNothing))
			throw Failure("is a witness, and has no '# expect: ORACLE KIND' that says "
				      "of what");
		if (kind == CorpusKind::regression && expect.empty())
			throw Failure("has no '# expect: ORACLE KIND', or '# expect: nothing'");
		if (!expect.empty() && shown(result) != expect)
			throw Failure(fmt::format("expects {}, shows {}", expect, shown(result)));
		// What a fuzz target comes across may well go on for too long.
		if (kind != CorpusKind::raw && !conclusive(result))
			throw Failure(fmt::format("ends with {}, and says nothing",
						  name(result.outcome)));
	}

	/// The bug, and not the scheme that it is planted in.
	void check_without_bug(Schedule schedule)
	{
		schedule.bug.clear();
		prepare(fibers, schedule, "");
		const Result &result = fibers.run(schedule);
		if (result.finding)
			throw Failure(fmt::format("shows {} without its bug, too", shown(result)));
	}

	static const char *name(Outcome outcome) { return report::name(outcome); }
};

CorpusReplay::CorpusReplay() : parts_(std::make_unique<Parts>()) {}
CorpusReplay::~CorpusReplay() = default;

CorpusCase CorpusReplay::check(const CorpusEntry &entry)
{
	CorpusCase one;
	one.scheme = entry.schedule ? entry.schedule->scheme : entry.file.scheme;
	one.name = case_name(entry.file, one.scheme);
	one.file = entry.file.path;
	one.schedule = entry.schedule;
	try {
		parts_->check(entry, one);
		one.passed = true;
	} catch (const Failure &failure) {
		one.message = failure.message;
	}
	return one;
}

CorpusCase CorpusReplay::check_token(const std::string &scheme, const std::string &token)
{
	CorpusCase one{ .name = scheme + ": token", .scheme = scheme };
	try {
		one.schedule = schedule_of_token(token);
		one.result = parts_->run(*one.schedule, {});
		one.passed = one.schedule->scheme == scheme && one.result->finding;
		if (!one.passed)
			one.message = fmt::format("is called broken, but on {} its token shows {}",
						  one.schedule->scheme, shown(*one.result));
	} catch (const Failure &failure) {
		one.message = failure.message;
	}
	return one;
}

namespace
{

/// Where a scheme says that it is not made for an architecture, a witness shows it: of the scheme
/// itself, and not of a bug that is planted in it.
void check_unsuited(const std::vector<CorpusEntry> &entries, std::vector<CorpusCase> &cases)
{
	std::set<std::pair<std::string, schedule::Arch>> shown;
	for (const CorpusEntry &entry : entries) {
		if (entry.file.kind == CorpusKind::witness && entry.schedule &&
		    entry.schedule->bug.empty())
			shown.emplace(entry.schedule->scheme, entry.schedule->arch);
	}
	for (const schemes::SchemeInfo *info : schemes::all_schemes()) {
		for (const schemes::Unsuited &one : info->unsuited) {
			CorpusCase &made = cases.emplace_back();
			made.name = fmt::format("{}: not for {}", info->name, name(one.arch));
			made.scheme = info->name;
			made.passed = shown.contains({ info->name, in_schedules(one.arch) });
			if (!made.passed)
				made.message = fmt::format("says that it is not for {}, and "
							   "{}/witnesses has nothing that "
							   "shows it; ci/witnesses finds it",
							   name(one.arch), info->name);
		}
	}
}

} // namespace

std::vector<CorpusCase> check_complete(const std::vector<CorpusEntry> &entries,
				       CorpusReplay &replay)
{
	std::set<std::pair<std::string, std::string>> witnesses;
	for (const CorpusEntry &entry : entries) {
		if (entry.file.kind == CorpusKind::witness)
			witnesses.emplace(place_of(entry.file),
					  fs::path(entry.file.path).stem().string());
	}
	std::vector<CorpusCase> cases;
	check_unsuited(entries, cases);
	for (const schemes::SchemeInfo *info : schemes::all_schemes()) {
		if (info->expect == schemes::Expect::broken)
			cases.push_back(
				replay.check_token(info->name, info->witness ? info->witness : ""));
	}
	for (const schemes::BugInfo *bug : schemes::all_bugs()) {
		if (bug->equivalent)
			continue;
		CorpusCase &one = cases.emplace_back();
		one.name = fmt::format("{}: witness", bug->id);
		one.scheme = bug->scheme;
		one.passed = witnesses.contains({ bug->scheme, bug->id });
		if (!one.passed)
			one.message = fmt::format("{}/witnesses/{}.sched is missing; ci/witnesses "
						  "finds it",
						  bug->scheme, bug->id);
	}
	return cases;
}

namespace
{

struct Amount {
	std::size_t files = 0;
	Features features;
};

std::map<std::string, Amount> amounts(const std::vector<CorpusEntry> &entries, Shower &shower)
{
	std::map<std::string, Amount> all;
	for (const CorpusEntry &entry : entries) {
		if (!entry.schedule)
			continue; // nobody starts from it
		Amount &amount = all[entry.schedule->scheme];
		amount.files++;
		const Shown shown = shower.show(*entry.schedule, entry.notes);
		if (const auto it = shown.features.find(entry.schedule->scheme);
		    it != shown.features.end())
			amount.features.add(it->second);
	}
	return all;
}

} // namespace

std::vector<CorpusCase> check_at_least(const std::vector<CorpusEntry> &entries,
				       const std::vector<CorpusEntry> &least)
{
	Shower shower;
	std::map<std::string, Amount> there = amounts(entries, shower);
	std::vector<CorpusCase> cases;
	for (const auto &[scheme, wanted] : amounts(least, shower)) {
		const Amount &is = there[scheme];
		CorpusCase &one = cases.emplace_back();
		one.name = scheme + ": at least";
		one.scheme = scheme;
		one.passed =
			is.files >= wanted.files && is.features.count() >= wanted.features.count();
		if (!one.passed)
			one.message = fmt::format(
				"is smaller: {} files and {} features, where there should be {} "
				"and {}",
				is.files, is.features.count(), wanted.files,
				wanted.features.count());
	}
	return cases;
}

} // namespace lazymm::command
