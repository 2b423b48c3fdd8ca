// SPDX-License-Identifier: MIT
#include "core/report/case.h"

#include "core/report/json.h"
#include "core/report/picture.h"
#include "core/schedule/token.h"

#include <algorithm>

namespace lazymm::report
{

namespace
{

void add(Count &count, const Case &one)
{
	switch (one.verdict) {
	case Verdict::passed:
		count.passed++;
		break;
	case Verdict::failed:
		count.failed++;
		break;
	case Verdict::error:
		count.errors++;
		break;
	}
}

} // namespace

Count count(const Cases &cases)
{
	Count count;
	for (const Case &one : cases)
		add(count, one);
	return count;
}

Count Suite::count() const
{
	Count count;
	for (const Case *one : cases)
		add(count, *one);
	return count;
}

std::vector<Suite> suites(const Cases &cases)
{
	std::vector<Suite> all;
	for (const Case &one : cases) {
		auto it = std::find_if(all.begin(), all.end(),
				       [&](const Suite &suite) { return suite.name == one.suite; });
		if (it == all.end())
			it = all.insert(it, { one.suite, {} });
		it->cases.push_back(&one);
	}
	return all;
}

std::string headline(const Case &what)
{
	if (what.violation && what.violation->result.finding)
		return title(*what.violation->result.finding);
	if (what.message.empty() && what.verdict != Verdict::passed)
		return name(what.verdict);
	return what.message.substr(0, what.message.find('\n'));
}

std::string body(const Case &what)
{
	if (!what.violation)
		return what.message;
	PictureOptions options;
	options.costs = false;
	options.minimized = what.violation->minimized ? &*what.violation->minimized : nullptr;
	options.replay_options = what.violation->replay_options;
	const std::string text = picture(what.violation->schedule, what.violation->result, options);
	return what.message.empty() ? text : what.message + "\n\n" + text;
}

std::string replay_command(const Case &what)
{
	if (!what.violation)
		return "";
	const std::string command = "lazymm replay " + schedule::to_token(what.violation->schedule);
	const std::string &options = what.violation->replay_options;
	return options.empty() ? command : command + ' ' + options;
}

Place place(const Case &what)
{
	if (what.violation) {
		const Result &result = what.violation->result;
		if (result.finding && !result.finding->file.empty())
			return { result.finding->file, result.finding->line };
		if (result.trace) {
			const auto &events = result.trace->events;
			const auto last = std::find_if(
				events.rbegin(), events.rend(),
				[](const machine::Event &event) { return *event.file != '\0'; });
			if (last != events.rend())
				return { last->file, last->line };
		}
	}
	return { what.file, what.line };
}

} // namespace lazymm::report
