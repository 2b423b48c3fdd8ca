// SPDX-License-Identifier: MIT
#pragma once

/// Reports that TSan has made so far; 0 in other builds. See sanitizer_options.cc.
extern "C" int lazymm_tsan_reports;
