// SPDX-License-Identifier: MIT
// For the executable: what is asked about before all else, and what is kept of a failure. Both are
// files: the committed corpus, and the failures of earlier runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/machine/bug.h"
#include "core/schedule/text.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"
#include "properties/check.h"

namespace lazymm::properties
{

/// The schedules in a directory and below it, in the order of their paths; none if there is no such
/// directory. Throws a command::Failure if one cannot be read.
inline std::vector<NamedSchedule> schedules_below(const std::string &directory)
{
	namespace fs = std::filesystem;
	std::vector<std::string> paths;
	std::error_code none;
	for (const auto &entry : fs::recursive_directory_iterator(directory, none))
		if (entry.path().extension() == ".sched")
			paths.push_back(entry.path().string());
	std::sort(paths.begin(), paths.end());
	std::vector<NamedSchedule> all;
	for (const std::string &path : paths) {
		auto parsed = schedule::parse_text(command::read_file(path), path);
		if (const auto *error = std::get_if<schedule::ParseError>(&parsed))
			throw command::Failure(error->str());
		all.push_back({ path, std::get<Schedule>(std::move(parsed)) });
	}
	return all;
}

/// A witness of what the scheme itself lacks, where its settings are not those it was made for.
inline bool is_about_the_scheme(const NamedSchedule &named)
{
	return named.name.find("/witnesses/") != std::string::npos && named.schedule.bug.empty() &&
	       named.schedule.weaken.empty();
}

/// What failed before under this scheme, then the scheme's corpus; `bug` in the place of the one
/// that is planted there.
inline std::vector<NamedSchedule> replayed_first(const std::string &failures,
						 const Property &property,
						 const std::string &scheme, const std::string &bug)
{
	const std::string source = LAZYMM_SOURCE_DIR;
	std::vector<NamedSchedule> all = schedules_below(failures + "/" + property.name);
	for (const NamedSchedule &named : schedules_below(source + "/corpus/" + scheme))
		if (!is_about_the_scheme(named))
			all.push_back({ named.name.substr(source.size() + 1), named.schedule });
	std::erase_if(all, [&](const NamedSchedule &n) { return n.schedule.scheme != scheme; });
	for (NamedSchedule &named : all) {
		named.schedule.bug = bug;
		named.schedule.weaken.clear();
	}
	return all;
}

/// Keeps the schedule of a failure in `failures`/PROPERTY/ under a name that is new there; returns
/// its path.
inline std::string save_failure(const std::string &failures, const Property &property,
				const Failure &failure)
{
	std::filesystem::create_directories(failures);
	command::NewFile file(failures + "/" + property.name);
	const Finding &finding = *failure.result.finding;
	file.write(fmt::format("# {}: {}\n# found by {}\n{}", finding.oracle, finding.kind,
			       failure.from, schedule::to_text(failure.schedule)));
	for (unsigned i = 1;; i++) {
		const std::string name = fmt::format("{}-{}.sched", failure.schedule.scheme, i);
		if (file.name(name))
			return file.directory() + "/" + name;
	}
}

} // namespace lazymm::properties
