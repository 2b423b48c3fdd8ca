// SPDX-License-Identifier: MIT
// What the properties tell the sanitizers: TSan goes on past a race and counts it, because a
// property turns it into an ordinary failure with a schedule that shrinks, and because determinism
// is promised of racy schemes too. Built without sanitizers, as their runtimes call this before
// they are up.

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
	return "halt_on_error=0:exitcode=0";
}

const char *__asan_default_options();
const char *__asan_default_options()
{
	return "exitcode=77";
}

/// Without an exit code: that is one for all sanitizers of a build, TSan asks here too, and the
/// last word wins. ASan's serves UBSan.
const char *__ubsan_default_options();
const char *__ubsan_default_options()
{
	return "print_stacktrace=1:halt_on_error=1";
}
}
