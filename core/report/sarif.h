// SPDX-License-Identifier: MIT
// SARIF 2.1.0 (OASIS), as GitHub code scanning and other viewers read it: a rule per oracle, a
// result per case that failed, one thread flow per CPU. The schema stands in schema/.
#pragma once

#include "core/report/case.h"

#include <string>

namespace lazymm::report
{

/// The document; `version` is the tool's ("0.1.0"). Results are cases that failed and name a place
/// in some file: a violation is of the rule that its oracle is; anything else that failed, of the
/// rule "as-expected". What has no place, and what is an error, is a notification of the
/// invocation. The thread flows have a location for each row of the picture, and an execution order
/// over all of them. Fingerprints are the same for the same oracle, kind, scheme and bug: a viewer
/// shows one alert for what breaks in the same way.
std::string sarif(const Cases &cases, const std::string &version);

} // namespace lazymm::report
