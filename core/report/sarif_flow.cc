// SPDX-License-Identifier: MIT
#include "core/report/sarif_flow.h"

#include "core/report/story.h"

#include <map>

#include <fmt/format.h>

namespace lazymm::report
{

namespace
{

constexpr std::size_t kMaxLocations = 10'000;

/// RFC 3986: what is not unreserved, or a slash, is written in percent.
std::string percent_encoded(std::string_view path)
{
	std::string out;
	for (const char c : path) {
		const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
				   (c >= 'a' && c <= 'z') ||
				   std::string_view("-._~/").find(c) != std::string_view::npos;
		out += plain ? std::string(1, c)
			     : fmt::format("%{:02X}", static_cast<unsigned char>(c));
	}
	return out;
}

/// A relative path is one below kSourceRoot, unless it leads out of it.
Json artifact(std::string path)
{
	while (path.starts_with("./"))
		path.erase(0, 2);
	if (path.starts_with('/'))
		return { { "uri", "file://" + percent_encoded(path) } };
	Json json{ { "uri", percent_encoded(path) } };
	if (('/' + path + '/').find("/../") == std::string::npos)
		json["uriBaseId"] = kSourceRoot;
	return json;
}

const char *importance(Row::Kind kind)
{
	switch (kind) {
	case Row::Kind::verdict:
	case Row::Kind::marker:
		return "essential";
	case Row::Kind::step:
	case Row::Kind::event:
		return "important";
	case Row::Kind::access:
		break;
	}
	return "unimportant";
}

Json flow_location(const Row &row, std::size_t order)
{
	Json location =
		row.file.empty() ? Json::object() : physical_location({ row.file, row.line });
	const std::string text = row.remark.empty() ? row.text : row.text + "  " + row.remark;
	location["message"] = { { "text", text } };
	return { { "location", std::move(location) },
		 { "nestingLevel", row.kind == Row::Kind::step ? 0 : 1 },
		 { "executionOrder", order },
		 { "importance", importance(row.kind) } };
}

} // namespace

Json physical_location(const Place &place)
{
	Json physical{ { "artifactLocation", artifact(place.file) } };
	if (place.line)
		physical["region"] = { { "startLine", place.line },
				       { "startColumn", 1 },
				       { "endLine", place.line } };
	return { { "physicalLocation", std::move(physical) } };
}

Json thread_flows(const schedule::Schedule &schedule, const Result &result)
{
	const std::vector<Row> rows = tell(schedule, result);
	std::map<unsigned, Json> locations; // by CPU
	for (std::size_t i = rows.size() - std::min(rows.size(), kMaxLocations); i < rows.size();
	     i++)
		locations[rows[i].cpu].push_back(flow_location(rows[i], i + 1));
	Json flows = Json::array();
	for (auto &[cpu, all] : locations)
		flows.push_back({ { "id", fmt::format("cpu{}", cpu) },
				  { "message", { { "text", fmt::format("CPU{}", cpu) } } },
				  { "locations", std::move(all) } });
	return flows;
}

} // namespace lazymm::report
