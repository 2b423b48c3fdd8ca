// SPDX-License-Identifier: MIT
// The same that the picture tells, for programs. Keys stay; new ones may come.
#pragma once

#include "core/harness/minimize.h"
#include "core/report/case.h"

#include <nlohmann/json.hpp>

namespace lazymm::report
{

/// Keys in the order in which a reader wants them.
using Json = nlohmann::ordered_json;

/// {"oracle", "kind", "text", "file", "line", "cpu", "mm"}; cpu and mm are null if it names none.
Json to_json(const Finding &finding);

/// {"scheme", "bug", "memory", "hotplug", "arch", "mm", "weaken", "search", "cpus", "text",
/// "token"}; cpus is an array of scripts, each an array of {"op", "operand", "decisions"}.
Json to_json(const schedule::Schedule &schedule);

/// What a run came to: {"violation", "outcome", "finding", "accesses", "trace_hash", "schedule",
/// "taken", "events", "minimized"}. Events are there if the run was recorded: {"step", "cpu", "op",
/// "at"} and either an access's {"kind", "order", "location", "before", "after", "site"} or a
/// note's {"note", "text"}; "op" counts over all scripts, null is outside of them.
Json to_json(const schedule::Schedule &schedule, const Result &result,
	     const Minimized *minimized = nullptr);

/// An array of {"suite", "name", "scheme", "file", "line", "verdict", "message", "violation"}; the
/// last is what a run came to, without the seconds it took, or null.
Json to_json(const Cases &cases);

/// One line per document, in ASCII whatever it holds.
std::string dump(const Json &json);

const char *name(Outcome outcome);
const char *name(Verdict verdict);

} // namespace lazymm::report
