// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/corpus.h"

#include "core/schedule/text.h"
#include "fuzz/input.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;
using schedule::Schedule;

std::vector<fs::path> files_below(const std::string &directory)
{
	std::vector<fs::path> files;
	std::error_code error;
	fs::recursive_directory_iterator it(directory, error);
	while (!error && it != fs::recursive_directory_iterator()) {
		const std::string extension = it->path().extension().string();
		std::error_code ignored;
		if (it->is_regular_file(ignored) && (extension.empty() || extension == ".sched"))
			files.push_back(it->path());
		it.increment(error);
	}
	if (error)
		throw Failure(fmt::format("cannot read the corpus '{}': {}; give a directory of "
					  "schedules",
					  directory, error.message()));
	std::sort(files.begin(), files.end());
	return files;
}

Schedule read_schedule(const fs::path &path)
{
	const std::string content = read_file(path.string());
	if (path.extension() == ".sched") {
		auto parsed = schedule::parse_text(content, path.string());
		if (const auto *error = std::get_if<schedule::ParseError>(&parsed))
			throw Failure(error->str());
		return std::get<Schedule>(std::move(parsed));
	}
	Schedule schedule;
	const auto *data = reinterpret_cast<const std::uint8_t *>(content.data());
	fuzz::from_input({ data, content.size() }, {}, schedule);
	return schedule;
}

} // namespace

std::vector<Schedule> load_corpus(const std::string &directory, const Schedule &base,
				  Console &console)
{
	std::vector<Schedule> corpus;
	for (const fs::path &path : files_below(directory)) {
		try {
			Schedule schedule = read_schedule(path);
			schedule.scheme = base.scheme;
			schedule.bug = base.bug;
			schedule.weaken = base.weaken;
			schedule.memory = base.memory;
			schedule.hotplug = base.hotplug;
			schedule.arch = base.arch;
			schedule.mm = base.mm;
			corpus.push_back(std::move(schedule));
		} catch (const Failure &failure) {
			console.complain(fmt::format("lazymm: left out of the corpus: {}\n",
						     printable(failure.message)));
		}
	}
	return corpus;
}

} // namespace lazymm::command
