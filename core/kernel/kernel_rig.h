// SPDX-License-Identifier: MIT
// For the tests of the kernel: what it has to say about a schedule, line by line.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "core/harness/run.h"
#include "core/schedule/text.h"

namespace lazymm::kernel
{

/// Runs the schedule with the scheme refcount unless it names another.
inline const Result &run_text(Runner &runner, const std::string &text,
			      const RunOptions &options = {})
{
	static thread_local Schedule s;
	const bool named = text.find("scheme") != std::string::npos;
	auto parsed = schedule::parse_text(
		"lazymm-schedule 1\n" + std::string(named ? "" : "scheme refcount\n") + text,
		"test");
	if (auto *error = std::get_if<schedule::ParseError>(&parsed)) {
		ADD_FAILURE() << error->str();
		std::abort();
	}
	s = std::get<Schedule>(std::move(parsed));
	EXPECT_FALSE(runner.prepare(s));
	return runner.run(s, options);
}

/// The kernel's events (but those of TLBs) from the one that contains `from` on: "1: runs B on
/// mm1\n".
inline std::string told(const std::string &text, const std::string &from = "")
{
	static Runner runner;
	RunOptions options;
	options.record = true;
	const Result &result = run_text(runner, text, options);
	EXPECT_FALSE(result.finding) << result.finding->text;
	EXPECT_EQ(result.outcome, Outcome::completed);
	std::string lines;
	bool on = false;
	for (const machine::Event &note : result.trace->events) {
		if (!note.note || note.note == static_cast<unsigned>(EventKind::tlb))
			continue;
		const std::string line = describe(from_note(note));
		on = on || line.find(from) != std::string::npos;
		if (on)
			lines += std::to_string(note.cpu) + ": " + line + "\n";
	}
	return lines;
}

} // namespace lazymm::kernel
