// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/corpus.h"

#include "fuzz/lazymm/corpus_files.h"
#include "fuzz/lazymm/failure.h"

#include <utility>

#include <fmt/format.h>

namespace lazymm::command
{

using schedule::Schedule;

std::vector<Schedule> load_corpus(const std::string &directory, const Schedule &base,
				  Console &console)
{
	std::vector<Schedule> corpus;
	for (const CorpusFile &file : corpus_files(directory)) {
		try {
			CorpusEntry entry = read_entry(file, base.scheme);
			if (!entry.schedule)
				throw Failure(entry.problem);
			Schedule schedule = *std::move(entry.schedule);
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
