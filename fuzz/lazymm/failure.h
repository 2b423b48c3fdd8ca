// SPDX-License-Identifier: MIT
// How the command ends, and how a verb gives up.
#pragma once

#include <string>
#include <utility>

namespace lazymm::command
{

/// Exit statuses. `git bisect run lazymm replay TOKEN` reads them as they are.
inline constexpr int kClean = 0;
inline constexpr int kViolation = 1;
inline constexpr int kUsage = 2;	///< usage or bad input
inline constexpr int kCannotTell = 125; ///< this build does not know it, or replay diverged

/// Thrown by what a verb calls: one line that says what, where and what next.
struct Failure {
	std::string message;
	int status = kUsage;

	explicit Failure(std::string text, int exit_status = kUsage)
		: message(std::move(text)), status(exit_status)
	{
	}
};

} // namespace lazymm::command
