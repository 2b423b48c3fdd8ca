// SPDX-License-Identifier: MIT
// Schedules in which processes live and die one after the other: what a search for bugs that need
// an mm to go and another one to come in its place begins with. Random operations rarely make
// sense behind each other for as long as that takes.
#pragma once

#include "core/schedule/rng.h"
#include "core/schedule/schedule.h"

namespace lazymm::schedule
{

/// Make a schedule of two to four lives over `cpus` CPUs: born by fork, run on a CPU that becomes
/// lazy on its mm, moved to another CPU, ended there; in a chain, or overlapping. Operations come
/// in one order, which the schedule says by decisions (`+1 run cpuN` where another CPU is next), so
/// that most of them do something when nothing else is decided. Else as random_schedule().
Schedule random_lives(Rng &rng, unsigned cpus);

} // namespace lazymm::schedule
