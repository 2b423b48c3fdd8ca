// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/progress.h"

namespace lazymm::command
{

using namespace std::chrono_literals;

Progress::Progress(Console &console)
	: console_(console), terminal_(console.err_is_terminal()),
	  next_(start_ + (terminal_ ? Clock::duration(200ms) : Clock::duration(10s)))
{
}

Progress::~Progress()
{
	if (drawn_)
		console_.complain("\r\033[K");
}

void Progress::tick(const std::function<std::string(double)> &line)
{
	const Clock::time_point now = Clock::now();
	if (now < next_)
		return;
	next_ = now + (terminal_ ? Clock::duration(200ms) : Clock::duration(10s));
	std::string text = "lazymm: " + line(std::chrono::duration<double>(now - start_).count());
	if (!terminal_) {
		console_.complain(text + '\n');
		return;
	}
	// A line that wraps could not be drawn again.
	if (const unsigned width = console_.err_width(); width > 1 && text.size() >= width)
		text.resize(width - 1);
	console_.complain("\r" + text + "\033[K");
	drawn_ = true;
}

} // namespace lazymm::command
