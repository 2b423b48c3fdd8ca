// SPDX-License-Identifier: MIT
// What the executable `properties` tells the sanitizers: a race is counted (judge.cc makes a
// failure of it) and reported again each time it shows, so that it can be minimised. Built without
// sanitizers, as their runtimes call this before they are up.
#include "fuzz/lazymm/tsan_reports.h"

extern "C" {

int lazymm_tsan_reports = 0;

/// TSan calls it after each report.
void __tsan_on_report(void *report);
void __tsan_on_report(void *)
{
	__atomic_fetch_add(&lazymm_tsan_reports, 1, __ATOMIC_RELAXED);
}

const char *__tsan_default_options();
const char *__tsan_default_options()
{
	return "halt_on_error=0:exitcode=0:suppress_equal_stacks=0:suppress_equal_addresses=0";
}

const char *__asan_default_options();
const char *__asan_default_options()
{
	return "exitcode=77"; // 1 means that tests failed
}

/// Without an exit code: that is one for all sanitizers of a build, TSan asks here too, and the
/// last word wins. ASan's serves UBSan.
const char *__ubsan_default_options();
const char *__ubsan_default_options()
{
	return "print_stacktrace=1:halt_on_error=1";
}
}
