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

/// Options that change the settings of what is read: --scheme, --bug, --memory, ...
class Settings
{
public:
	/// Adds them to a command line.
	explicit Settings(CLI::App &app);

	/// Reads a schedule. `scheme` is that of raw bytes if no option says one, or "". Throws a
	/// Failure: kUsage if it is wrong, kCannotTell if it may well be right but not for this
	/// build.
	schedule::Schedule load(const std::string &argument, const Console &console,
				const std::string &scheme = "") const;

private:
	schedule::Schedule parse(std::string_view content, const std::string &name,
				 const std::string &scheme) const;
	schedule::Schedule from_bytes(std::string_view content, const std::string &name,
				      const std::string &scheme) const;
	void override_settings(schedule::Schedule &schedule) const;

	std::string scheme_, bug_, memory_, hotplug_, arch_, mm_;
	unsigned cpus_ = 0;
};

/// What to call a schedule argument in messages: the file's name, "token" or "<stdin>".
std::string source_name(const std::string &argument);

class Source
{
public:
	/// Adds SCHEDULE and what changes its settings to a command line.
	explicit Source(CLI::App &app);

	/// Reads it; Failures as Settings::load().
	schedule::Schedule load(const Console &console) const
	{
		return settings_.load(argument_, console);
	}
	/// Its file; "" if it is none.
	std::string file() const;
	std::string name() const { return source_name(argument_); }

private:
	std::string argument_;
	const Settings settings_;
};

/// Of a token. Throws a Failure as Source does.
schedule::Schedule schedule_of_token(std::string_view text);

/// Makes the runner ready for a schedule; throws a Failure if this build does not know its names.
/// `where` is what to call the schedule then, or "".
void prepare(Runner &runner, const schedule::Schedule &schedule, const std::string &where);

} // namespace lazymm::command
