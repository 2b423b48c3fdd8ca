// SPDX-License-Identifier: MIT
// Where a sanitizer ends the process in the middle of a run, the schedule that was running is
// named: what it has to say of the stack is about the model.
#pragma once

#include <cstdio>

#include "core/harness/run.h"
#include "core/schedule/token.h"

#if LAZYMM_ASAN || LAZYMM_TSAN
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace lazymm::properties
{

inline void name_running_schedule()
{
	if (const Schedule *schedule = running())
		std::fprintf(stderr, "lazymm: the schedule that was running: lazymm replay %s\n",
			     schedule::to_token(*schedule).c_str());
}

inline void name_running_schedule_on_death()
{
#if LAZYMM_ASAN || LAZYMM_TSAN
	__sanitizer_set_death_callback(name_running_schedule);
#endif
}

} // namespace lazymm::properties
