// SPDX-License-Identifier: MIT
// lazymm list: what this build has. One thing after the other, in a layout that does not depend on
// the others, so that a list can be compared with another build's.
#include "core/harness/cost.h"
#include "core/machine/site.h"
#include "core/oracles/oracle.h"
#include "core/report/formats.h"
#include "core/report/json.h"
#include "core/schedule/names.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"
#include "fuzz/lazymm/verbs.h"
#include "properties/property.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lazymm::command
{

using report::Json;

namespace
{

const char *name(schemes::Expect expect)
{
	return expect == schemes::Expect::sound ? "sound" : "broken";
}

Json to_json(const Cost &cost)
{
	return { { "rmws", cost.rmws },
		 { "barriers", cost.barriers },
		 { "loads", cost.loads },
		 { "ipis", cost.ipis },
		 { "grace_periods", cost.grace_periods } };
}

std::string text(const SchemeCost &cost)
{
	const auto parts = [](const Cost &c) {
		return fmt::format("{} RMWs, {} barriers, {} loads, {} IPIs, {} grace periods",
				   c.rmws, c.barriers, c.loads, c.ipis, c.grace_periods);
	};
	return fmt::format("lazy switch and back: {}; exit: {}, {} mm deferred",
			   parts(cost.lazy_switch), parts(cost.exit), cost.deferred);
}

/// "x86: why; deferred: why"
Json not_for(const schemes::SchemeInfo &info)
{
	std::string all;
	for (const schemes::Unsuited &one : info.unsuited)
		all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", command::name(one.arch),
				   one.why);
	return all.empty() ? Json() : Json(all);
}

Json list_schemes()
{
	Json all = Json::array();
	for (const schemes::SchemeInfo *info : schemes::all_schemes()) {
		const SchemeCost cost = cost_of(info->name);
		Json scheme{ { "name", info->name },
			     { "expect", name(info->expect) },
			     { "from", info->from },
			     { "summary", info->summary } };
		scheme["not_for"] = not_for(*info);
		scheme["unsuited"] = Json::object();
		for (const schemes::Unsuited &one : info->unsuited)
			scheme["unsuited"][command::name(one.arch)] = one.why;
		scheme["broken"] = info->witness ? Json(info->witness) : Json();
		scheme["costs"] = text(cost);
		scheme["lazy_switch"] = to_json(cost.lazy_switch);
		scheme["exit"] = to_json(cost.exit);
		scheme["exit"]["deferred"] = cost.deferred;
		all.push_back(std::move(scheme));
	}
	return all;
}

Json list_bugs()
{
	Json all = Json::array();
	for (const schemes::BugInfo *info : schemes::all_bugs()) {
		Json bug{ { "id", info->id },	      { "scheme", info->scheme },
			  { "oracle", info->oracle }, { "provenance", info->provenance },
			  { "memory", info->memory }, { "where", info->where } };
		bug["weaken"] = info->weaken ? Json(info->weaken) : Json();
		bug["equivalent"] = info->equivalent ? Json(info->equivalent) : Json();
		all.push_back(std::move(bug));
	}
	return all;
}

Json list_oracles()
{
	Json all = Json::array();
	for (const auto &oracle : oracles::make_all())
		all.push_back({ { "name", oracle->name() }, { "promise", oracle->promise() } });
	return all;
}

Json list_operations()
{
	Json all = Json::array();
	for (unsigned i = 0; i < schedule::kOpKinds; i++) {
		const schedule::OpInfo &info = schedule::info(static_cast<schedule::OpKind>(i));
		all.push_back({ { "name", info.name },
				{ "operand", schedule::name(info.operand) },
				{ "what", info.what } });
	}
	return all;
}

Json list_strategies()
{
	constexpr std::array what = {
		"random walk: any CPU may go first at any access",
		"PCT: priorities, and a few points where they change",
		"POS: a fresh random priority for every access",
		"SURW: CPUs in proportion to what each still has to do",
		"one of the first four in each run",
		"operations in any order, a few of them stopped in the middle for long",
	};
	static_assert(what.size() == schedule::kStrategies);
	Json all = Json::array();
	for (unsigned i = 0; i < schedule::kStrategies; i++)
		all.push_back({ { "name", schedule::name(static_cast<schedule::Strategy>(i)) },
				{ "what", what[i] } });
	return all;
}

Json list_properties()
{
	Json all = Json::array();
	for (const properties::Property *property : properties::all_properties()) {
		Json covers = Json::array(), mixes = Json::array();
		for (const properties::Cover &cover : property->covers)
			covers.push_back({ { "what", cover.what }, { "share", cover.share } });
		for (const properties::Mix &mix : property->mixes)
			mixes.push_back(mix.name);
		all.push_back(
			{ { "name", property->name },
			  { "promise", property->promise },
			  { "cases", property->cases },
			  { "covers", std::move(covers) },
			  { "mixes", std::move(mixes) },
			  { "schemes", properties::schemes_of(*property) },
			  { "bugs", properties::bugs_of(*property) },
			  { "twin", property->twin ? Json(property->twin) : Json() },
			  { "where", fmt::format("{}:{}", property->file, property->line) } });
	}
	return all;
}

Json list_sites()
{
	constexpr std::array kinds = { "mb", "rmb", "wmb", "acquire", "release", "rmw" };
	std::vector<std::pair<std::string, std::string>> sites;
	for (const machine::Site *site = machine::Site::first(); site; site = site->next())
		sites.emplace_back(site->name(), kinds[static_cast<unsigned>(site->kind())]);
	std::sort(sites.begin(), sites.end());
	Json all = Json::array();
	for (const auto &[site, kind] : sites)
		all.push_back({ { "name", site }, { "kind", kind } });
	return all;
}

Json list_formats()
{
	Json all = Json::array();
	for (const report::Format &format : report::formats())
		all.push_back({ { "name", format.name }, { "what", format.what } });
	return all;
}

struct Kind {
	std::string_view name;
	Json (*list)();
	/// Keys that a line shows, each with its width; negative: a line of its own, if it is
	/// there.
	std::vector<std::pair<const char *, int>> columns;
};

const std::vector<Kind> &kinds()
{
	static const std::vector<Kind> all = {
		{ "schemes",
		  list_schemes,
		  { { "name", 24 },
		    { "expect", 8 },
		    { "summary", 0 },
		    { "from", -1 },
		    { "not_for", -1 },
		    { "broken", -1 },
		    { "costs", -1 } } },
		{ "bugs",
		  list_bugs,
		  { { "id", 36 },
		    { "scheme", 24 },
		    { "oracle", 16 },
		    { "provenance", 0 },
		    { "equivalent", -1 } } },
		{ "oracles", list_oracles, { { "name", 18 }, { "promise", 0 } } },
		{ "operations",
		  list_operations,
		  { { "name", 16 }, { "operand", 13 }, { "what", 0 } } },
		{ "strategies", list_strategies, { { "name", 12 }, { "what", 0 } } },
		{ "properties", list_properties, { { "name", 34 }, { "promise", 0 } } },
		{ "sites", list_sites, { { "kind", 10 }, { "name", 0 } } },
		{ "formats", list_formats, { { "name", 12 }, { "what", 0 } } },
	};
	return all;
}

std::string lines(const Kind &kind, const char *margin)
{
	std::string text;
	for (const Json &thing : kind.list()) {
		std::string line = margin;
		for (const auto &[key, width] : kind.columns) {
			if (width >= 0)
				line += fmt::format("{:<{}}{}", thing[key].get<std::string>(),
						    width, width ? " " : "");
			else if (!thing[key].is_null())
				line += fmt::format("\n{}    {}: {}", margin, key,
						    thing[key].get<std::string>());
		}
		text += line + '\n';
	}
	return text;
}

const Kind &find_kind(const std::string &word)
{
	std::vector<std::string_view> names;
	for (const Kind &kind : kinds())
		names.push_back(kind.name);
	return kinds()[choose("WHAT", word, names)];
}

} // namespace

int list(const Arguments &arguments, Console &console)
{
	CommandLine line("list", "Lists what this build has.",
			 "lazymm list bugs; lazymm list schemes --json");
	std::string what;
	bool json = false;
	line.app().add_option("WHAT", what,
			      "schemes, bugs, oracles, operations, strategies, properties, sites "
			      "or formats; else all");
	line.app().add_flag("--json", json, "as JSON, with all there is to say");
	if (const auto status = line.parse(arguments, console))
		return *status;

	if (!what.empty()) {
		const Kind &kind = find_kind(what);
		console.print(json ? report::dump(kind.list()) : lines(kind, ""));
		return kClean;
	}
	Json all = Json::object();
	for (const Kind &kind : kinds()) {
		if (json)
			all[std::string(kind.name)] = kind.list();
		else
			console.print(fmt::format("{}\n{}", console.style().strong(kind.name),
						  lines(kind, "  ")));
	}
	if (json)
		console.print(report::dump(all));
	return kClean;
}

} // namespace lazymm::command
