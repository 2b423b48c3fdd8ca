// SPDX-License-Identifier: MIT
// Ctrl-C: a flag that is looked at in every execution, so that a search ends with its summary. The
// second one ends the program at once.
#pragma once

namespace lazymm::command
{

class Interrupt
{
public:
	/// From here on SIGINT and SIGTERM raise the flag.
	Interrupt();
	/// As it was before.
	~Interrupt();
	Interrupt(const Interrupt &) = delete;
	Interrupt &operator=(const Interrupt &) = delete;

	/// The signal that came, or 0.
	static int raised();
};

} // namespace lazymm::command
