// SPDX-License-Identifier: MIT
// Parts of a SARIF document that say where: locations, and the way there. Internal to sarif.cc.
#pragma once

#include "core/report/case.h"
#include "core/report/json.h"

namespace lazymm::report
{

/// What relative URIs are relative to.
inline constexpr const char *kSourceRoot = "SRCROOT";

/// A location: {"physicalLocation"}. `place` has a file.
Json physical_location(const Place &place);

/// An array with a thread flow per CPU that did something; empty if the run was not recorded. Of
/// more than 10,000 locations, which is all that GitHub takes, the last ones.
Json thread_flows(const schedule::Schedule &schedule, const Result &result);

} // namespace lazymm::report
