// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/free_search.h"

#include "core/report/json.h"
#include "core/report/what_ran.h"
#include "core/schedule/text.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/tsan_reports.h"
#include "fuzz/sanitizer_hook.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lazymm::command
{

using report::Json;
using schedule::Schedule;

namespace
{

constexpr int kPollMilliseconds = 100;
/// Polls without another run before the child is taken for hung: the machine itself ends a run in
/// which nothing moves after a second or so.
constexpr unsigned kPatience = 300;

/// What the child is at.
struct Shared {
	std::atomic<std::uint64_t> runs{ 0 };
	std::atomic<std::uint32_t> length{ 0 };
	char schedule[1 << 16];

	void running(const Schedule &what)
	{
		const std::string text = schedule::to_text(what);
		const std::size_t n = std::min(text.size(), sizeof schedule);
		std::memcpy(schedule, text.data(), n);
		length.store(static_cast<std::uint32_t>(n), std::memory_order_release);
		runs.fetch_add(1, std::memory_order_release);
	}
	std::optional<Schedule> ran() const
	{
		auto parsed =
			schedule::parse_text({ schedule, length.load(std::memory_order_acquire) },
					     "the child's schedule");
		if (auto *found = std::get_if<Schedule>(&parsed))
			return std::move(*found);
		return std::nullopt;
	}
};

// --- the child ---

std::string op_words(const Schedule &schedule, unsigned index)
{
	for (const auto &script : schedule.cpus) {
		if (index < script.size()) {
			const schedule::OpInfo &info = schedule::info(script[index].kind);
			const std::string operand =
				schedule::operand_name(info.operand, script[index].operand);
			return operand.empty() ? info.name : info.name + (" " + operand);
		}
		index -= static_cast<unsigned>(script.size());
	}
	return "?";
}

/// An operation as it stands in a script, what the kernel told of it below.
Json recent_json(const Schedule &schedule, const kernel::Recent &recent)
{
	Json json = Json::array();
	for (unsigned cpu = 0; cpu < schedule.cpus.size(); cpu++) {
		Json lines = Json::array();
		for (const kernel::Recent::Entry &entry : recent.of(cpu)) {
			if (entry.event.kind == kernel::EventKind::none)
				lines.push_back(op_words(schedule, entry.op));
			else if (const std::string what = kernel::describe(entry.event);
				 !what.empty())
				lines.push_back("  " + what);
		}
		json.push_back(std::move(lines));
	}
	return json;
}

void write_all(int descriptor, std::string_view text)
{
	while (!text.empty()) {
		const ssize_t n = write(descriptor, text.data(), text.size());
		if (n <= 0)
			return;
		text.remove_prefix(static_cast<std::size_t>(n));
	}
}

Finding said_by(const char *oracle, const char *sanitizer)
{
	Finding finding;
	finding.oracle = oracle;
	finding.text = fmt::format("{} reported it, see above.", sanitizer);
	return finding;
}

struct Child {
	int out;
	Shared &shared;
	Runner runner;
};
Child *the_child; // for a sanitizer that ends the process

void tell(const Schedule &schedule, const Finding &finding, bool proven)
{
	const Json json{ { "finding", report::to_json(finding) },
			 { "proven", proven },
			 { "recent", recent_json(schedule, the_child->runner.recent()) } };
	write_all(the_child->out, report::dump(json));
}

/// On whichever thread does the forbidden thing, with all others still at theirs. After TSan's
/// reports the run goes on.
void sanitizer_reports()
{
	report::say_what_ran();
	if (LAZYMM_TSAN)
		return;
	if (const Schedule *schedule = running())
		tell(*schedule, said_by("use-after-free", "AddressSanitizer"), true);
}

bool ended(const Schedule &schedule, const Result &result)
{
	if (lazymm_tsan_reports != 0) {
		tell(schedule, said_by("data-race", "ThreadSanitizer"), true);
		return true;
	}
	if (!result.finding)
		return false;
	tell(schedule, *result.finding,
	     result.outcome != Outcome::stuck && result.outcome != Outcome::limit);
	return true;
}

[[noreturn]] void child(const CommandOptions &options, int out, Shared &shared)
{
	Child self{ out, shared, Runner(options.engine) };
	the_child = &self;
	lazymm_tsan_reports = 0; // those before the fork were another verb's
	fuzz::on_sanitizer_report(sanitizer_reports);
	SearchOptions search = options.search;
	search.run.mode = Mode::free;
	search.interrupted = [] { return Interrupt::raised() != 0; };
	search.free_begins = [&](const Schedule &schedule) { shared.running(schedule); };
	search.free_ended = ended;
	self.runner.prepare(search.base);
	lazymm::search(self.runner, search);
	_exit(0);
}

// --- the parent ---

std::string read_some(int descriptor)
{
	char buffer[4096];
	const ssize_t n = read(descriptor, buffer, sizeof buffer);

	return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : "";
}

/// Everything that the child writes, until it has ended. False if it had to be ended.
bool listen(pid_t pid, int in, const Shared &shared, std::string &text,
	    const std::function<void(std::uint64_t)> &progress)
{
	std::uint64_t seen = 0;
	bool told = false;
	for (unsigned waited = 0; waited < kPatience; waited++) {
		pollfd poll_in{ .fd = in, .events = POLLIN, .revents = 0 };
		if (poll(&poll_in, 1, kPollMilliseconds) > 0) {
			const std::string more = read_some(in);
			if (more.empty())
				return true;
			text += more;
			continue;
		}
		const std::uint64_t runs = shared.runs.load(std::memory_order_acquire);
		if (runs != seen)
			waited = 0;
		seen = runs;
		progress(runs);
		if (Interrupt::raised() && !std::exchange(told, true))
			kill(pid, SIGINT);
	}
	kill(pid, SIGKILL);
	return false;
}

Finding from_json(const Json &json)
{
	Finding finding;
	finding.oracle = json["oracle"];
	finding.kind = json["kind"];
	finding.text = json["text"];
	finding.file = json["file"];
	finding.line = json["line"];
	finding.cpu = json["cpu"].is_null() ? -1 : json["cpu"].get<int>();
	finding.mm = json["mm"].is_null() ? -1 : json["mm"].get<int>();
	return finding;
}

FreeReport hang(FreeReport report)
{
	report.finding.oracle = "progress";
	report.finding.kind = "stuck";
	report.finding.text = "The run did not end.";
	return report;
}

FreeReport crash(FreeReport report, int status)
{
	report.proven = true;
	report.finding.oracle = "crash";
	report.finding.kind = WIFSIGNALED(status)
				      ? fmt::format("signal {}", WTERMSIG(status))
				      : fmt::format("exit status {}", WEXITSTATUS(status));
	report.finding.text = "The free runs' process ended, see above.";
	return report;
}

FreeReport read_report(const Shared &shared, const std::string &text, bool in_time, int status)
{
	FreeReport report;
	report.runs = shared.runs.load(std::memory_order_acquire);
	const bool interrupted = WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
	if (text.empty() && in_time && (status == 0 || interrupted))
		return report;
	report.schedule = shared.ran();
	if (!report.schedule)
		throw Failure("stress: the free runs did not begin; see above", kCannotTell);
	if (!in_time)
		return hang(std::move(report));
	const Json json = Json::parse(text, nullptr, false);
	if (json.is_discarded())
		return crash(std::move(report), status);
	report.finding = from_json(json["finding"]);
	report.proven = json["proven"];
	report.recent = json["recent"];
	return report;
}

} // namespace

FreeReport free_search(const CommandOptions &options,
		       const std::function<void(std::uint64_t)> &progress)
{
	void *memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ends[2];
	if (memory == MAP_FAILED || pipe(ends) != 0)
		throw Failure(
			fmt::format("stress: no process for free runs: {}", std::strerror(errno)));
	auto &shared = *new (memory) Shared;
	const pid_t pid = fork();
	if (pid < 0)
		throw Failure(
			fmt::format("stress: no process for free runs: {}", std::strerror(errno)));
	if (pid == 0) {
		close(ends[0]);
		child(options, ends[1], shared);
	}
	close(ends[1]);
	std::string text;
	const bool in_time = listen(pid, ends[0], shared, text, progress);
	close(ends[0]);
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	FreeReport report = read_report(shared, text, in_time, status);
	munmap(memory, sizeof(Shared));
	return report;
}

} // namespace lazymm::command
