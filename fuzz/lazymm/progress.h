// SPDX-License-Identifier: MIT
// Progress on standard error: on a terminal one line that is drawn again, elsewhere a line every
// ten seconds.
#pragma once

#include "fuzz/lazymm/console.h"

#include <chrono>
#include <functional>
#include <string>

namespace lazymm::command
{

class Progress
{
public:
	explicit Progress(Console &console);
	/// Takes the line off the terminal.
	~Progress();
	Progress(const Progress &) = delete;
	Progress &operator=(const Progress &) = delete;

	/// Says line() if it is time. Cheap: reads a clock.
	void tick(const std::function<std::string(double seconds)> &line);

private:
	using Clock = std::chrono::steady_clock;

	Console &console_;
	const bool terminal_;
	const Clock::time_point start_ = Clock::now();
	Clock::time_point next_;
	bool drawn_ = false;
};

} // namespace lazymm::command
