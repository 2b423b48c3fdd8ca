// SPDX-License-Identifier: MIT
// JUnit's XML, as Jenkins, GitLab and others read it: a test suite per suite, a test case per case.
// schema/junit.xsd is the dialect.
#pragma once

#include "core/report/case.h"

#include <string>

namespace lazymm::report
{

/// A document in UTF-8. A failure's message is "mm-count: live-mm-freed", its text the picture;
/// token, oracle, kind, scheme and bug are properties of the test case. No times: they would
/// differ between equal runs.
std::string junit(const Cases &cases);

} // namespace lazymm::report
