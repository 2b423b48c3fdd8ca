// SPDX-License-Identifier: MIT
// KTAP version 1, the kernel's own test output (Documentation/dev-tools/ktap.rst): what kunit.py
// and kselftest's tools read. A test per suite, a subtest per case.
#pragma once

#include "core/report/case.h"

#include <string>

namespace lazymm::report
{

/// The document. Before the line of a case that did not pass stand diagnostic lines ("# ...") with
/// its picture; behind its name stands what was found ("# mm-count: live-mm-freed"), or "# ERROR"
/// and why nothing can be said.
std::string ktap(const Cases &cases);

} // namespace lazymm::report
