// SPDX-License-Identifier: MIT
// For membarrier: scenarios A to E at the head of kernel/sched/membarrier.c, Linux 6.12, as
// operations. For concurrency ids: threads that come and go while ids are taken back.
#include "core/harness/scenarios.h"

#include <string>

#include "core/machine/bug.h"
#include "core/schedule/text.h"

namespace lazymm
{

namespace
{

/// How CPU 1 comes to run user code of the mm, and how it stops.
struct Way {
	const char *comes;
	const char *goes;
};

constexpr Way kWays[] = {
	{ "switch B", "switch kthread" },			    // another mm before
	{ "switch B; switch kthread; switch B", "switch kthread" }, // lazily the same (C)
	{ "switch B", "switch C" },				    // IPI path
	{ "switch B; exit; switch C", "exit" },			    // (D)
	{ "switch B", "exec" },
	{ "switch kthread; use_mm A", "unuse_mm" }, // (E)
	{ "switch B; switch kthread; use_mm A", "unuse_mm" },
	{ "switch kthread; use_mm A; switch B", "switch kthread" },
	{ "switch K; use_mm A; switch kthread; switch K", "unuse_mm" }, // migrates
	{ "switch B; switch idle; offline cpu1; online cpu1; switch B", "switch idle" },
};

constexpr const char *kCommands[] = { "private", "global-expedited" };

/// A: what the caller wrote before the call is seen behind it. B: what was written before is seen
/// behind the call.
struct Probe {
	const char *before, *after; ///< the caller's
	const char *probe;	    ///< the other thread's
};

constexpr Probe kProbes[] = {
	{ "store x", "load y", "store_load y" },
	{ "load y", "load x", "store_store x" },
	{ "store x", "store y", "load_load y" },
};

void append(std::string &text, const std::string &operations)
{
	for (std::size_t at = 0; at < operations.size();) {
		const std::size_t end = std::min(operations.find(';', at), operations.size());
		text += "  " + operations.substr(at, end - at) + '\n';
		at = end + 1;
		at = std::min(operations.find_first_not_of(' ', at), operations.size());
	}
}

schedule::Schedule made_of(const std::string &cpu0, const std::string &cpu1)
{
	std::string text = "lazymm-schedule 1\nscheme refcount\ncpus 2\n\ncpu0\n";
	append(text, cpu0);
	text += "cpu1\n";
	append(text, cpu1);
	auto parsed = schedule::parse_text(text, "scenario");
	if (auto *made = std::get_if<schedule::Schedule>(&parsed))
		return std::move(*made);
	machine::harness_bug("a scenario is no schedule");
}

schedule::Schedule scenario(const Way &way, const Probe &probe, const std::string &command)
{
	return made_of("thread B; thread C; register " + command + "; " + probe.before +
			       "; membarrier " + command + "; " + probe.after,
		       std::string(way.comes) + "; " + probe.probe + "; " + way.goes);
}

/// What CPU 0 does with the tables of an mm, and what goes on elsewhere.
constexpr const char *kTables[] = {
	"alloc_table; free_table",
	"alloc_table; alloc_table; free_table",
	"alloc_table; alloc_table; free_table; free_table",
	"alloc_table; free_table; alloc_table",
};
constexpr const char *kThen[] = { "rcu", "exit", "exec", "exec; exec", "free_table; rcu" };
constexpr const char *kElsewhere[] = {
	"rcu; rcu",
	"switch B; touch; touch",
	"switch B; free_table; rcu",
	"switch B; alloc_table; touch; free_table",
};

} // namespace

const std::vector<schedule::Schedule> &membarrier_scenarios()
{
	static const std::vector<schedule::Schedule> all = [] {
		std::vector<schedule::Schedule> made;
		for (const Way &way : kWays)
			for (const Probe &probe : kProbes)
				for (const char *command : kCommands)
					made.push_back(scenario(way, probe, command));
		return made;
	}();
	return all;
}

const std::vector<schedule::Schedule> &mm_cid_scenarios()
{
	static const std::vector<schedule::Schedule> all = [] {
		const std::string work = "; cid_work; cid_work; cid_work; cid_work";
		std::vector<schedule::Schedule> made;
		for (const char *other : { "switch C", "switch kthread" }) {
			const std::string to_and_fro = std::string("; ") + other + "; switch B";
			made.push_back(made_of("thread B; fork C" + work,
					       "switch B" + to_and_fro + to_and_fro + to_and_fro));
		}
		made.push_back(made_of("thread B; thread C; thread D" + work,
				       "switch B; switch C; exit; switch B; exec; switch D"));
		made.push_back(
			made_of("thread B" + work,
				"switch B; switch K; use_mm A; switch B; switch K; switch B; "
				"switch K; switch B"));
		return made;
	}();
	return all;
}

const std::vector<schedule::Schedule> &table_scenarios()
{
	static const std::vector<schedule::Schedule> all = [] {
		std::vector<schedule::Schedule> made;
		for (const std::string tables : kTables)
			for (const std::string then : kThen)
				for (const std::string elsewhere : kElsewhere)
					made.push_back(made_of((elsewhere.starts_with("switch B")
									? "thread B; "
									: "") +
								       tables + "; " + then,
							       elsewhere));
		return made;
	}();
	return all;
}

} // namespace lazymm
