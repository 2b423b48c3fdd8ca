// SPDX-License-Identifier: MIT
#include "core/report/json.h"

#include "core/report/words.h"
#include "core/schedule/names.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"

#include <array>

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

Json decision_json(const schedule::Decision &decision)
{
	Json json{ { "at", decision.at }, { "kind", name(decision.kind) } };
	if (schedule::arg_kind(decision.kind) != schedule::ArgKind::none)
		json["arg"] = decision.arg;
	return json;
}

Json op_json(const schedule::Op &op)
{
	const schedule::OpInfo &info = schedule::info(op.kind);
	Json json{ { "op", info.name } };
	json["operand"] = info.operand == schedule::OperandKind::none
				  ? Json()
				  : Json(schedule::operand_name(info.operand, op.operand));
	json["decisions"] = Json::array();
	for (const schedule::Decision &decision : op.decisions)
		json["decisions"].push_back(decision_json(decision));
	return json;
}

Json op_index(std::uint16_t op)
{
	return op == machine::kNoOp ? Json() : Json(op);
}

Json event_json(const machine::Event &event)
{
	Json json{ { "step", event.step },
		   { "cpu", event.cpu },
		   { "op", op_index(event.op) },
		   { "at", event.at } };
	if (event.note) {
		const kernel::KernelEvent said = kernel::from_note(event);
		json["note"] = name(said.kind);
		json["text"] = kernel::describe(said);
	} else {
		json["kind"] = name(event.kind);
		json["order"] = name(event.order);
		json["location"] = machine::location_name(event.name, event.owner);
		json["before"] = value_text(event, event.before);
		json["after"] = value_text(event, event.after);
		json["site"] = event.site ? Json(event.site) : Json();
		json["access"] = access_text(event);
	}
	json["file"] = event.file;
	json["line"] = event.line;
	return json;
}

Json number_or_null(int n)
{
	return n < 0 ? Json() : Json(n);
}

} // namespace

const char *name(Outcome outcome)
{
	constexpr std::array names = { "completed", "stopped", "deadlock", "livelock",
				       "limit",	    "race",    "stuck" };
	static_assert(names.size() == static_cast<std::size_t>(Outcome::stuck) + 1);
	return names[static_cast<std::size_t>(outcome)];
}

Json to_json(const Finding &finding)
{
	return { { "oracle", finding.oracle },
		 { "kind", finding.kind },
		 { "text", finding.text },
		 { "file", finding.file },
		 { "line", finding.line },
		 { "cpu", number_or_null(finding.cpu) },
		 { "mm", number_or_null(finding.mm) } };
}

Json to_json(const schedule::Schedule &schedule)
{
	Json json{ { "scheme", schedule.scheme } };
	json["bug"] = schedule.bug.empty() ? Json() : Json(schedule.bug);
	json["memory"] = name(schedule.memory);
	json["hotplug"] = name(schedule.hotplug);
	json["arch"] = name(schedule.arch);
	json["mm"] = name(schedule.mm);
	json["weaken"] = schedule.weaken;
	json["search"] = nullptr;
	if (schedule.search)
		json["search"] = { { "strategy", name(schedule.search->strategy) },
				   { "seed", schedule.search->seed } };
	json["cpus"] = Json::array();
	for (const auto &script : schedule.cpus) {
		Json ops = Json::array();
		for (const schedule::Op &op : script)
			ops.push_back(op_json(op));
		json["cpus"].push_back(std::move(ops));
	}
	json["text"] = schedule::to_text(schedule);
	json["token"] = schedule::to_token(schedule);
	return json;
}

Json to_json(const schedule::Schedule &schedule, const Result &result, const Minimized *minimized)
{
	Json json{ { "violation", result.finding.has_value() },
		   { "outcome", name(result.outcome) } };
	json["finding"] = result.finding ? to_json(*result.finding) : Json();
	json["accesses"] = result.accesses;
	json["schedule"] = to_json(schedule);
	json["taken"] = Json::array();
	for (const Taken &taken : result.taken) {
		Json decision = decision_json(taken.decision);
		decision["op"] = op_index(taken.op);
		json["taken"].push_back(std::move(decision));
	}
	json["minimized"] = nullptr;
	if (minimized)
		json["minimized"] = { { "minimal", minimized->minimal },
				      { "from_ops", minimized->from_ops },
				      { "replays", minimized->replays },
				      { "seconds", minimized->seconds } };
	if (!result.trace)
		return json;
	json["trace_hash"] = fmt::format("{:016x}", result.trace->hash());
	json["events"] = Json::array();
	for (const machine::Event &event : result.trace->events)
		json["events"].push_back(event_json(event));
	return json;
}

const char *name(Verdict verdict)
{
	constexpr std::array names = { "passed", "failed", "error" };
	return names[static_cast<std::size_t>(verdict)];
}

Json to_json(const Cases &cases)
{
	Json all = Json::array();
	for (const Case &one : cases) {
		Json json{ { "suite", one.suite },
			   { "name", one.name },
			   { "scheme", one.scheme },
			   { "file", one.file.empty() ? Json() : Json(one.file) },
			   { "line", one.line ? Json(one.line) : Json() },
			   { "verdict", name(one.verdict) },
			   { "message", one.message } };
		json["violation"] = nullptr;
		if (const auto &violation = one.violation) {
			const Minimized *how =
				violation->minimized ? &*violation->minimized : nullptr;
			Json what = to_json(violation->schedule, violation->result, how);
			if (how)
				what["minimized"].erase("seconds");
			what["replay"] = replay_command(one);
			json["violation"] = std::move(what);
		}
		all.push_back(std::move(json));
	}
	return all;
}

std::string dump(const Json &json)
{
	return json.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
}

} // namespace lazymm::report
