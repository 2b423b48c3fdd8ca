// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/matrix_properties.h"

#include "core/report/json.h"
#include "core/schedule/size.h"
#include "core/schedule/token.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"
#include "fuzz/lazymm/progress.h"
#include "properties/check.h"

#include <algorithm>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

using properties::Checked;
using properties::Property;
using report::Json;

struct Row {
	const Property *property;
	std::string scheme;
	std::string bug; ///< "": the scheme as it is

	bool is_twin() const { return property->twin && bug == property->twin; }
	bool is_sound() const
	{
		const schemes::SchemeInfo *info = schemes::find_scheme(scheme);
		return bug.empty() && info->expect == schemes::Expect::sound;
	}
	/// It must fail, or must not.
	bool is_wrong(const Checked &checked) const
	{
		return (is_twin() && !checked.failure) || (is_sound() && checked.failure);
	}
};

bool wanted(const std::vector<std::string> &names, const std::string &name)
{
	return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<Row> rows(const PropertyMatrix &options)
{
	std::vector<Row> all;
	for (const Property *property : properties::all_properties()) {
		for (const std::string bug : properties::bugs_of(*property))
			if (wanted(options.bugs, bug))
				all.push_back({ property, schemes::find_bug(bug)->scheme, bug });
		for (const std::string scheme : properties::schemes_of(*property))
			if (!options.no_schemes && options.bugs.empty() &&
			    wanted(options.schemes, scheme))
				all.push_back({ property, scheme, "" });
	}
	std::vector<Row> mine;
	for (std::size_t i = 0; i < all.size(); i++)
		if (i % options.shards + 1 == options.shard)
			mine.push_back(all[i]);
	return mine;
}

Json to_json(const Row &row, const Checked &checked)
{
	Json json{ { "property", row.property->name },
		   { row.bug.empty() ? "scheme" : "bug", row.bug.empty() ? row.scheme : row.bug },
		   { "twin", row.is_twin() },
		   { "caught", checked.failure.has_value() },
		   { "cases", checked.cases } };
	if (checked.failure) {
		const schedule::Size size = schedule::size(checked.failure->schedule);
		json["kind"] = checked.failure->result.finding->kind;
		json["operations"] = size.ops;
		json["depth"] = size.decisions;
		json["token"] = schedule::to_token(checked.failure->schedule);
	}
	return json;
}

constexpr const char *kHead = "| property | bug or scheme | | cases | operations | depth |\n"
			      "|---|---|---|---|---|---|\n";

std::string to_text(const Json &row, bool markdown)
{
	const std::string property = row["property"];
	const bool bug = row.contains("bug"), caught = row["caught"];
	const std::string name = row[bug ? "bug" : "scheme"];
	const char *what =
		bug ? (caught ? "caught" : "not caught") : (caught ? "NOT SILENT" : "silent");
	const unsigned cases = row["cases"];
	const std::string ops = caught ? std::to_string(row["operations"].get<unsigned>()) : "-";
	const std::string depth = caught ? std::to_string(row["depth"].get<unsigned>()) : "-";
	const char *twin = row["twin"].get<bool>() ? " (its twin)" : "";
	if (markdown)
		return fmt::format("| {} | {}{} | {} | {} | {} | {} |\n", property, name, twin,
				   what, cases, ops, depth);
	return fmt::format("{:<30} {:<36} {:<10} {:>7} cases  {:>2} ops, depth {:>2}{}\n", property,
			   name, what, cases, ops, depth, twin);
}

} // namespace

int matrix_of_properties(const PropertyMatrix &options, Console &console)
{
	unsigned wrong = 0;
	const Interrupt interrupt;
	Progress progress(console);
	if (options.markdown)
		console.print(kHead);
	for (const Row &row : rows(options)) {
		progress.tick([&](double) {
			return fmt::format("{}, {}", row.property->name,
					   row.bug.empty() ? row.scheme : row.bug);
		});
		const Checked checked = properties::check(
			*row.property, row.scheme,
			{ .bug = row.bug, .cases = options.cases, .interrupted = [] {
				 return Interrupt::raised() != 0;
			 } });
		if (Interrupt::raised())
			return 128 + Interrupt::raised();
		wrong += row.is_wrong(checked);
		const Json json = to_json(row, checked);
		console.print(options.json ? json.dump() + '\n' : to_text(json, options.markdown));
		console.flush();
	}
	if (!options.json && !options.markdown)
		console.print(fmt::format("lazymm: {} twin{} not caught or sound scheme{} not "
					  "silent\n",
					  wrong, wrong == 1 ? "" : "s", wrong == 1 ? "" : "s"));
	return wrong ? kViolation : kClean;
}

} // namespace lazymm::command
