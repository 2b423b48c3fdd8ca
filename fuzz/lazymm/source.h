// SPDX-License-Identifier: MIT
// The SCHEDULE argument: a file (text, bytes, or a token in it), "-" for standard input, or a
// token.
#pragma once

#include "core/schedule/schedule.h"
#include "fuzz/lazymm/options.h"

#include <string>
#include <string_view>

namespace lazymm::command
{

class Source
{
public:
	/// Adds SCHEDULE and what changes its settings to a command line.
	explicit Source(CLI::App &app);

	/// Reads it. Throws a Failure: kUsage if it is wrong, kCannotTell if it may well be right
	/// but not for this build.
	schedule::Schedule load(const Console &console) const;
	/// What to call it in messages: the file's name, "token" or "<stdin>".
	std::string name() const;

private:
	schedule::Schedule parse(std::string_view content, const std::string &name) const;
	schedule::Schedule from_bytes(std::string_view content, const std::string &name) const;
	void override_settings(schedule::Schedule &schedule) const;

	std::string argument_;
	std::string scheme_, bug_, memory_, hotplug_, arch_, mm_;
	unsigned cpus_ = 0;
};

/// Of a token. Throws a Failure as Source does.
schedule::Schedule schedule_of_token(std::string_view text);

/// Makes the runner ready for a schedule; throws a Failure if this build does not know its names.
/// `where` is what to call the schedule then, or "".
void prepare(Runner &runner, const schedule::Schedule &schedule, const std::string &where);

} // namespace lazymm::command
