// SPDX-License-Identifier: MIT
// What every executable of ours tells the sanitizers, so that a plain start behaves as it must.
// The runtimes call these before they are up: this file is built without them. Whatever a user puts
// into ASAN_OPTIONS and the like comes after, and wins.

extern "C" {

/// What a report is to be told of; see sanitizer_hook.h.
void (*lazymm_sanitizer_reported)() = nullptr;

void __tsan_on_report(void *report);
void __tsan_on_report(void *)
{
	if (lazymm_sanitizer_reported)
		lazymm_sanitizer_reported();
}

void __ubsan_on_report();
void __ubsan_on_report()
{
	if (lazymm_sanitizer_reported)
		lazymm_sanitizer_reported();
}

/// 77 wherever a sanitizer speaks: 1, ASan's usual status, means "a violation" with us.
const char *__asan_default_options();
const char *__asan_default_options()
{
	return "exitcode=77";
}

/// libFuzzer with TSan's defaults goes on past a race, exits with 66 and saves the empty input as
/// the crash; abort_on_error=1 hangs. This stops at the race, with the input that shows it.
const char *__tsan_default_options();
const char *__tsan_default_options()
{
	return "halt_on_error=1:exitcode=77";
}

/// An unsigned overflow is none; OSS-Fuzz has it reported, as a signal for the engine.
const char *__ubsan_default_options();
const char *__ubsan_default_options()
{
	return "print_stacktrace=1:halt_on_error=1:exitcode=77:silence_unsigned_overflow=1";
}
}
