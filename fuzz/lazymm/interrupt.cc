// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/interrupt.h"

#include <csignal>

namespace lazymm::command
{

namespace
{

volatile std::sig_atomic_t signal_number;
struct sigaction old_int, old_term;

void raise_flag(int number)
{
	signal_number = number;
}

/// Unless whoever started us wants it ignored (nohup, a shell's background job).
void catch_signal(int number, struct sigaction &old)
{
	struct sigaction action{};
	action.sa_handler = raise_flag;
	action.sa_flags = SA_RESETHAND;
	sigaction(number, nullptr, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(number, &action, nullptr);
}

} // namespace

Interrupt::Interrupt()
{
	signal_number = 0;
	catch_signal(SIGINT, old_int);
	catch_signal(SIGTERM, old_term);
}

Interrupt::~Interrupt()
{
	sigaction(SIGINT, &old_int, nullptr);
	sigaction(SIGTERM, &old_term, nullptr);
}

int Interrupt::raised()
{
	return signal_number;
}

} // namespace lazymm::command
