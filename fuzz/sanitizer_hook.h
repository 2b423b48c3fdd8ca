// SPDX-License-Identifier: MIT
#pragma once

#include "core/machine/cpu.h"

#if LAZYMM_ASAN
#include <sanitizer/asan_interface.h>
#endif

/// Called with each report of TSan and UBSan, on the thread that did it; see sanitizer_options.cc.
extern "C" void (*lazymm_sanitizer_reported)();

namespace lazymm::fuzz
{

/// The same for every sanitizer of this build; ASan's are its last word before the process ends.
inline void on_sanitizer_report(void (*hook)())
{
	lazymm_sanitizer_reported = hook;
#if LAZYMM_ASAN
	__asan_set_error_report_callback([](const char *) { lazymm_sanitizer_reported(); });
#endif
}

} // namespace lazymm::fuzz
