// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/tsan_reports.h"
#include "properties/check.h"

namespace lazymm::properties
{

namespace
{

Finding finding(const Property &property, const Broken &broken)
{
	Finding f;
	f.oracle = property.name;
	f.kind = broken.kind;
	f.text = broken.text.empty() ? property.promise : broken.text;
	f.file = broken.where.file_name();
	f.line = broken.where.line();
	return f;
}

Finding reported_by_tsan(const Property &property)
{
	Finding f;
	f.oracle = property.name;
	f.kind = "thread-sanitizer";
	f.text = "ThreadSanitizer reports a race in this run.";
	f.file = property.file;
	f.line = property.line;
	return f;
}

/// TSan knows acquire and release by word, and no fences but those that the machine tells it of:
/// what it says of schemes that lean on more, and of membarrier(2), is not always so. The machine's
/// clocks (data-race) judge all of them.
bool does_with_acquire_and_release(const Schedule &schedule)
{
	if (schedule.scheme != "refcount" && schedule.scheme != "lazymm-2022")
		return false;
	for (const auto &script : schedule.cpus)
		for (const schedule::Op &op : script)
			if (schedule::is_user_op(op.kind))
				return false;
	return true;
}

} // namespace

Judge::Judge(const Property &property) : property_(property) {}

const Result &Judge::operator()(const Schedule &schedule)
{
	Case c(property_, schedule, bench_);
	std::optional<Finding> found;
	const int reports = lazymm_tsan_reports;
	try {
		property_.check(c);
	} catch (const Broken &broken) {
		found = finding(property_, broken);
	}
	if (!found && lazymm_tsan_reports != reports && property_.heeds_tsan &&
	    does_with_acquire_and_release(schedule))
		found = reported_by_tsan(property_);
	done_ = c.done();
	const Result &shown = c.shown();
	if (found) {
		result_ = shown;
	} else {
		// All that the minimiser looks at; a trace costs more than the run.
		result_.outcome = shown.outcome;
		result_.accesses = shown.accesses;
		result_.taken = shown.taken;
		result_.trace.reset();
	}
	if (property_.seeded)
		result_.taken.clear();
	result_.finding = std::move(found);
	return result_;
}

} // namespace lazymm::properties
