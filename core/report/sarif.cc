// SPDX-License-Identifier: MIT
#include "core/report/sarif.h"

#include "core/oracles/oracle.h"
#include "core/report/json.h"
#include "core/report/sarif_flow.h"
#include "core/schedule/names.h"
#include "core/schedule/token.h"

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

constexpr const char *kSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
				"schemas/sarif-schema-2.1.0.json";
/// The rule of what failed without a violation.
constexpr const char *kAsExpected = "as-expected";
/// GitHub shows no more of a description.
constexpr std::size_t kDescription = 1024;

Json rule(const std::string &id, std::string promise)
{
	promise.resize(std::min(promise.size(), kDescription));
	return { { "id", id },
		 { "shortDescription", { { "text", promise } } },
		 { "fullDescription", { { "text", promise } } },
		 { "help",
		   { { "text", "The thread flows say what each CPU did, in the order of execution; "
			       "'lazymm replay TOKEN' shows it again." } } },
		 { "defaultConfiguration", { { "level", "error" } } },
		 { "properties",
		   { { "tags", Json::array({ "concurrency", "kernel" }) },
		     { "precision", "very-high" },
		     { "problem.severity", "error" } } } };
}

/// Those of all oracles, and kAsExpected last.
Json rules()
{
	Json all = Json::array();
	for (const auto &oracle : oracles::make_all())
		all.push_back(rule(oracle->name(), oracle->promise()));
	all.push_back(rule(kAsExpected, "What is checked comes out as it is expected."));
	return all;
}

/// Its index; a finding of an oracle that is not registered gets a rule of its own.
std::size_t index_of(Json &rules, const std::string &id)
{
	for (std::size_t i = 0; i < rules.size(); i++)
		if (rules[i]["id"] == id)
			return i;
	rules.push_back(rule(id, id));
	return rules.size() - 1;
}

/// FNV-1a, as hex digits.
std::string digest(std::string_view text)
{
	std::uint64_t hash = 0xcbf29ce484222325;
	for (const char c : text)
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
	return fmt::format("{:016x}", hash);
}

Json fingerprints(const Case &one)
{
	std::string what = one.suite + '/' + one.name;
	if (one.violation && one.violation->result.finding) {
		const Finding &finding = *one.violation->result.finding;
		const schedule::Schedule &schedule = one.violation->schedule;
		what = fmt::format("{}/{}/{}/{}", finding.oracle, finding.kind, schedule.scheme,
				   schedule.bug);
	}
	// The second is the one that GitHub looks at.
	return { { "lazymm/v1", what }, { "primaryLocationLineHash", digest(what) + ":1" } };
}

std::string message(const Case &one)
{
	std::string text = one.message;
	if (one.violation) {
		if (const auto &finding = one.violation->result.finding)
			text += (text.empty() ? "" : " ") + finding->text;
		text += fmt::format("{}Replay: {}", text.empty() ? "" : "\n", replay_command(one));
	}
	return text.empty() ? one.name + " failed." : text;
}

Json properties(const Case &one)
{
	Json json{ { "suite", one.suite }, { "name", one.name }, { "scheme", one.scheme } };
	if (!one.violation)
		return json;
	const schedule::Schedule &schedule = one.violation->schedule;
	json["bug"] = schedule.bug.empty() ? Json() : Json(schedule.bug);
	json["memory"] = name(schedule.memory);
	json["kind"] = one.violation->result.finding ? one.violation->result.finding->kind : "";
	json["token"] = schedule::to_token(schedule);
	json["replay"] = replay_command(one);
	return json;
}

Json result(const Case &one, const Place &where, Json &rules)
{
	std::string id = kAsExpected;
	if (one.violation && one.violation->result.finding)
		id = one.violation->result.finding->oracle;
	Json json{ { "ruleId", id },
		   { "ruleIndex", index_of(rules, id) },
		   { "level", "error" },
		   { "message", { { "text", message(one) } } },
		   { "locations", Json::array({ physical_location(where) }) } };
	if (!one.file.empty() && where.file != one.file) {
		Json schedule = physical_location({ one.file, one.line });
		schedule["message"] = { { "text", "The schedule that shows it." } };
		json["relatedLocations"] = Json::array({ std::move(schedule) });
	}
	json["partialFingerprints"] = fingerprints(one);
	if (one.violation)
		if (Json flows = thread_flows(one.violation->schedule, one.violation->result);
		    !flows.empty())
			json["codeFlows"] =
				Json::array({ Json{ { "threadFlows", std::move(flows) } } });
	json["properties"] = properties(one);
	return json;
}

Json notification(const Case &one)
{
	return { { "level", "error" },
		 { "message", { { "text", one.suite + '/' + one.name + ": " + message(one) } } },
		 { "properties", properties(one) } };
}

} // namespace

std::string sarif(const Cases &cases, const std::string &version)
{
	Json all_rules = rules();
	Json results = Json::array(), notifications = Json::array();
	for (const Case &one : cases) {
		const Place where = place(one);
		if (one.verdict == Verdict::failed && !where.file.empty())
			results.push_back(result(one, where, all_rules));
		else if (one.verdict != Verdict::passed)
			notifications.push_back(notification(one));
	}
	Json driver{ { "name", "lazymm" },
		     { "version", version },
		     { "semanticVersion", version },
		     { "rules", std::move(all_rules) } };
	Json run{ { "tool", { { "driver", std::move(driver) } } } };
	run["originalUriBaseIds"][kSourceRoot] = {
		{ "description", { { "text", "The directory of lazymm's sources." } } }
	};
	run["invocations"] =
		Json::array({ Json{ { "executionSuccessful", count(cases).errors == 0 },
				    { "toolExecutionNotifications", std::move(notifications) } } });
	run["columnKind"] = "unicodeCodePoints";
	run["results"] = std::move(results);
	return dump({ { "$schema", kSchema },
		      { "version", "2.1.0" },
		      { "runs", Json::array({ std::move(run) }) } });
}

} // namespace lazymm::report
