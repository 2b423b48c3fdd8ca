// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/reports.h"

#include "core/report/github.h"
#include "core/report/json.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/witness.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

constexpr std::size_t kMaxSummary = 1 << 20; ///< GitHub refuses more

std::vector<std::string_view> format_names()
{
	std::vector<std::string_view> names;
	for (const report::Format &format : report::formats())
		names.push_back(format.name);
	return names;
}

std::string_view environment(const char *name)
{
	const char *value = std::getenv(name);
	return value ? value : "";
}

void refuse_existing(const std::string &path)
{
	struct stat status;
	if (lstat(path.c_str(), &status) == 0)
		throw Failure(fmt::format("--report: '{}' exists already and is left as it is; "
					  "choose another name",
					  path));
}

/// At its end, whatever stands there.
class Summary
{
public:
	explicit Summary(std::string path)
		: path_(std::move(path)),
		  descriptor_(::open(path_.c_str(),
				     O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666))
	{
		if (descriptor_ < 0)
			fail();
	}
	~Summary()
	{
		if (descriptor_ >= 0)
			close(descriptor_);
	}
	Summary(const Summary &) = delete;
	Summary &operator=(const Summary &) = delete;

	std::size_t room() const
	{
		struct stat status;
		if (fstat(descriptor_, &status) != 0)
			fail();
		return kMaxSummary -
		       std::min(kMaxSummary, static_cast<std::size_t>(status.st_size));
	}
	void append(std::string_view text)
	{
		while (!text.empty()) {
			const ssize_t n = ::write(descriptor_, text.data(), text.size());
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				fail();
			text.remove_prefix(static_cast<std::size_t>(n));
		}
		const int descriptor = descriptor_;
		descriptor_ = -1;
		if (close(descriptor) != 0)
			fail();
	}

private:
	[[noreturn]] void fail() const
	{
		throw Failure(fmt::format("cannot append to GITHUB_STEP_SUMMARY '{}': {}; unset it "
					  "to go without",
					  path_, std::strerror(errno)));
	}

	std::string path_;
	int descriptor_;
};

void tell_github(const report::Cases &cases, Console &console)
{
	console.complain(report::annotations(cases));
	const std::string path(environment("GITHUB_STEP_SUMMARY"));
	if (path.empty())
		return;
	Summary summary(path);
	const std::size_t room = summary.room();
	const std::string text = report::step_summary(cases, room);
	if (text.size() > room)
		console.complain("lazymm: the step's summary is full: nothing was added to it\n");
	else
		summary.append(text);
}

} // namespace

void Reports::add_option(CLI::App &app)
{
	app.add_option("--report", wanted_,
		       "write a junit, sarif, ktap or json report to a new file, or - (may be "
		       "repeated)")
		->allow_extra_args(false)
		->type_name("FORMAT:FILE");
}

void Reports::open(Console &console)
{
	for (const std::string &word : wanted_) {
		const std::size_t colon = word.find(':');
		if (colon == std::string::npos || colon + 1 == word.size() || word.ends_with('/'))
			throw Failure(fmt::format("--report: expected FORMAT:FILE with FORMAT one "
						  "of {}, found '{}'",
						  fmt::join(format_names(), ", "), word));
		const std::size_t format =
			choose("--report", word.substr(0, colon), format_names());
		const std::string path = word.substr(colon + 1);
		for (const Output &other : outputs_) {
			if (other.path == path)
				throw Failure(fmt::format("--report: two reports to '{}'; give "
							  "each a file of its own",
							  path));
		}
		outputs_.push_back({ &report::formats()[format], path, nullptr });
		if (path == "-") {
			console.hold_back(true);
			continue;
		}
		refuse_existing(path);
		outputs_.back().file = std::make_unique<NewFile>(split_path(path).directory);
	}
}

int Reports::finish(int status, Console &console)
{
	console.flush();
	if (environment("GITHUB_ACTIONS") == "true")
		tell_github(cases_, console);
	for (Output &output : outputs_) {
		const std::string text = output.format->write(cases_, version_number());
		if (output.file) {
			write_named(*output.file, split_path(output.path).file, text);
		} else {
			console.hold_back(false);
			console.print(text);
			console.hold_back(true);
		}
	}
	console.hold_back(false);
	return status;
}

report::Case case_of(std::string suite, std::string name, const schedule::Schedule &schedule,
		     const Result &result, const std::string &how, const Minimized *minimized)
{
	report::Case one{ .suite = std::move(suite),
			  .name = std::move(name),
			  .scheme = schedule.scheme };
	if (result.finding) {
		one.verdict = report::Verdict::failed;
		one.violation = { schedule, result, {}, how };
		if (minimized)
			one.violation->minimized = *minimized;
	} else if (!conclusive(result)) {
		one.verdict = report::Verdict::error;
		one.message = fmt::format("cannot tell: it ended with {} after {} accesses",
					  report::name(result.outcome), result.accesses);
	}
	return one;
}

} // namespace lazymm::command
