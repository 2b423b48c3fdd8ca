// SPDX-License-Identifier: MIT
// What a verb reports to machines: `--report FORMAT:FILE`, and on GitHub Actions by itself
// annotations and the step's summary. A verb adds its cases and ends with finish().
#pragma once

#include "core/report/formats.h"
#include "fuzz/lazymm/files.h"
#include "fuzz/lazymm/options.h"

#include <memory>
#include <optional>

namespace lazymm::command
{

class Reports
{
public:
	/// Adds --report to a command line.
	void add_option(CLI::App &app);
	/// Before the work, so that there is a place for its result: makes the files. With a report
	/// to standard output ("-") nothing else is printed there from now on. Throws a Failure if
	/// a format is unknown or a file exists: nothing is ever overwritten.
	void open(Console &console);
	void add(report::Case one) { cases_.push_back(std::move(one)); }
	/// Writes the reports, and on GitHub (GITHUB_ACTIONS=true) annotations to standard error,
	/// which its runner reads as well, and behind what stands in $GITHUB_STEP_SUMMARY a
	/// summary. Returns `status`; throws a Failure if something cannot be written.
	int finish(int status, Console &console);

private:
	struct Output {
		const report::Format *format;
		std::string path;	       ///< "-" is standard output
		std::unique_ptr<NewFile> file; ///< none for standard output
	};

	std::vector<std::string> wanted_; ///< as on the command line
	std::vector<Output> outputs_;
	report::Cases cases_;
};

/// The case of one run of a schedule: failed if it has a finding, an error if it came to no end
/// that says anything. `how` is what `lazymm replay` needs besides the token: replay_options().
report::Case case_of(std::string suite, std::string name, const schedule::Schedule &schedule,
		     const Result &result, const std::string &how,
		     const Minimized *minimized = nullptr);

} // namespace lazymm::command
