// SPDX-License-Identifier: MIT
// What the command tells the sanitizers, in the place of ../sanitizer_options.cc: it goes on past a
// race that TSan reports, because it has an oracle for races, whose findings it minimises and shows
// like any other. What TSan alone has seen is not lost: the command counts (command.cc). Built
// without sanitizers, as their runtimes call this before they are up.
#include "fuzz/lazymm/tsan_reports.h"

extern "C" {

int lazymm_tsan_reports = 0;
void (*lazymm_sanitizer_reported)() = nullptr; // see ../sanitizer_hook.h

/// TSan calls it after each report.
void __tsan_on_report(void *report);
void __tsan_on_report(void *)
{
	__atomic_fetch_add(&lazymm_tsan_reports, 1, __ATOMIC_RELAXED);
	if (lazymm_sanitizer_reported)
		lazymm_sanitizer_reported();
}

/// UBSan before each of its.
void __ubsan_on_report();
void __ubsan_on_report()
{
	if (lazymm_sanitizer_reported)
		lazymm_sanitizer_reported();
}

const char *__tsan_default_options();
const char *__tsan_default_options()
{
	return "halt_on_error=0:exitcode=0";
}

const char *__asan_default_options();
const char *__asan_default_options()
{
	return "exitcode=77"; // 1, the usual status, means "a violation"
}

/// Without an exit code: that is one for all sanitizers of a build, TSan asks here too, and the
/// last word wins. ASan's serves UBSan.
const char *__ubsan_default_options();
const char *__ubsan_default_options()
{
	return "print_stacktrace=1:halt_on_error=1";
}
}
