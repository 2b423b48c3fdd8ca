// SPDX-License-Identifier: MIT
// data-race: two conflicting accesses to a Plain<T> are ordered by happens-before. The machine
// finds races, by vector clocks, whenever one of the two is a plain access; in free mode TSan does.
#include "core/oracles/oracle.h"
#include "core/oracles/words.h"

namespace lazymm::oracles
{

namespace
{

class DataRace final : public Oracle
{
public:
	const char *name() const override { return "data-race"; }
	const char *promise() const override
	{
		return "conflicting plain accesses are ordered by happens-before";
	}

	void end(kernel::Kernel &kernel, machine::Outcome outcome) override
	{
		if (outcome != machine::Outcome::race)
			return;
		const machine::RaceReport &race = kernel.machine().race();
		machine::Owner owner;
		if (race.location->owner())
			owner = *race.location->owner();
		const bool writes = race.kind == machine::AccessKind::plain_store;
		const std::string what = machine::location_name(race.location->name(), owner);
		// Numbers change when operations are cut away.
		const std::string kind =
			machine::location_name(race.location->name(), { family(owner.kind), -1 });
		speak_at_end("race:" + kind,
			     cpu_name(race.cpu) + (writes ? " writes " : " reads ") + what +
				     at_place(race.file, race.line) +
				     ", and nothing orders that after " + cpu_name(race.other_cpu) +
				     (race.other_wrote ? "'s write." : "'s read."),
			     race.cpu, -1, race.file, race.line);
	}

private:
	/// Tasks are owners by their own names ("B", "idle/1"): in a kind they are all alike.
	static const char *family(const char *owner)
	{
		for (unsigned slot = 0; slot < kernel::kTasks; slot++)
			if (kernel::task_name(slot) == owner)
				return "task";
		return owner;
	}
};

REGISTER_ORACLE(DataRace);

} // namespace
} // namespace lazymm::oracles
