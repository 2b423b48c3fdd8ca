// SPDX-License-Identifier: MIT
#include "core/report/formats.h"

#include "core/report/json.h"
#include "core/report/junit.h"
#include "core/report/ktap.h"
#include "core/report/sarif.h"

namespace lazymm::report
{

namespace
{

constexpr Format kFormats[] = {
	{ "junit", "JUnit XML, for Jenkins, GitLab and others",
	  [](const Cases &cases, const std::string &) { return junit(cases); } },
	{ "sarif", "SARIF 2.1.0, for code scanning: a rule per oracle, a thread flow per CPU",
	  sarif },
	{ "ktap", "KTAP version 1, for kunit.py and the kernel's CI",
	  [](const Cases &cases, const std::string &) { return ktap(cases); } },
	{ "json", "all there is to say, events included",
	  [](const Cases &cases, const std::string &version) {
		  return dump({ { "lazymm", version }, { "cases", to_json(cases) } });
	  } },
};

} // namespace

std::span<const Format> formats()
{
	return kFormats;
}

} // namespace lazymm::report
