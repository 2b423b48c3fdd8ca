// SPDX-License-Identifier: MIT
#include "core/report/picture.h"

#include "core/report/columns.h"
#include "core/report/golden_test.h"
#include "core/report/json.h"
#include "core/schedule/edits.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"

#include <algorithm>
#include <sstream>

namespace lazymm::report
{
namespace
{

schedule::Schedule parse(const char *text)
{
	auto parsed = schedule::parse_text(text, "test");
	if (const auto *error = std::get_if<schedule::ParseError>(&parsed))
		throw std::runtime_error(error->str());
	return std::get<schedule::Schedule>(parsed);
}

Result record(const schedule::Schedule &schedule, Engine engine = Engine::fibers)
{
	Runner runner(engine);
	EXPECT_FALSE(runner.prepare(schedule));
	RunOptions options;
	options.record = true;
	return runner.run(schedule, options);
}

/// 72 columns of ASCII, but for the token.
void expect_neat(const std::string &text)
{
	std::istringstream in(text);
	for (std::string line; std::getline(in, line);) {
		if (!line.starts_with("  replay:"))
			EXPECT_LE(line.size(), kWidth) << line;
		EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) {
			return c >= ' ' && c <= '~';
		})) << line;
	}
}

constexpr const char *kHotplug = R"(lazymm-schedule 1
scheme lazymm-2021
cpus 2
cpu1
  switch kthread
  offline cpu0
)";

TEST(Picture, HotplugFreesALiveMm)
{
	const schedule::Schedule schedule = parse(kHotplug);
	const Result result = record(schedule);
	ASSERT_TRUE(result.finding);
	const Minimized minimized{ schedule, *result.finding, 372, 1.25, true, 143 };
	PictureOptions options;
	options.minimized = &minimized;
	const std::string text = picture(schedule, result, options);
	expect_neat(text);
	expect_golden(without_lines(text), "core/report/golden/hotplug.txt");
}

TEST(Picture, NoViolationOnThreeCpus)
{
	const schedule::Schedule schedule = parse(R"(lazymm-schedule 1
scheme refcount
cpus 3
cpu0
  fork B
  exec
cpu1
  switch B
  switch idle
cpu2
  switch kthread
)");
	const std::string text = picture(schedule, record(schedule));
	expect_neat(text);
	expect_golden(without_lines(text), "core/report/golden/no_violation.txt");
}

TEST(Picture, LongNamesFold)
{
	schedule::Schedule schedule;
	schedule.scheme = std::string(schedule::kMaxCpus * 16, 's');
	schedule.bug = std::string(64, 'b');
	schedule.weaken = { std::string(200, 'w'), "two words" };
	schedule.hotplug = schedule::Hotplug::h3;
	schedule.mm = schedule::MmMemory::heap;
	schedule.search = schedule::Search{ schedule::Strategy::pos, 17 };
	Result result;
	result.outcome = Outcome::stopped;
	result.finding = Finding{ "mm-count", "leak", "Somebody did it.", "core/x.cc", 41, 1, 1 };
	const Minimized minimized{ schedule, *result.finding, 61, 1.2, false, 143 };
	PictureOptions options;
	options.minimized = &minimized;
	options.costs = false;
	options.replay_options = "--oracles mm-count";
	const std::string text = picture(schedule, result, options);
	expect_neat(text);
	expect_golden(text, "core/report/golden/long_names.txt");
}

TEST(Picture, TheSameOnBothEngines)
{
	const schedule::Schedule schedule = parse(kHotplug);
	EXPECT_EQ(picture(schedule, record(schedule)),
		  picture(schedule, record(schedule, Engine::threads)));
}

TEST(Picture, AnyScheduleIsNeat)
{
	schedule::Rng rng(1);
	Runner runner;
	RunOptions options;
	options.record = true;
	for (unsigned i = 0; i < 500; i++) {
		schedule::Schedule schedule = schedule::random_schedule(
			rng, schedule::default_alphabet(), 1 + rng.below(4), 20);
		schedule.scheme = rng.one_in(2) ? "lazymm-2021" : "refcount";
		ASSERT_FALSE(runner.prepare(schedule));
		const Result &result = runner.run(schedule, options);
		expect_neat(picture(schedule, result));
		if (HasFailure())
			FAIL() << schedule::to_token(schedule);
	}
}

TEST(JsonReport, SaysWhatThePictureSays)
{
	const schedule::Schedule schedule = parse(kHotplug);
	const Result result = record(schedule);
	ASSERT_TRUE(result.finding);
	const Minimized minimized{ schedule, *result.finding, 372, 1.25, true, 143 };
	const Json json = Json::parse(dump(to_json(schedule, result, &minimized)));
	EXPECT_EQ(json["violation"], true);
	EXPECT_EQ(json["finding"]["oracle"], result.finding->oracle);
	EXPECT_EQ(json["finding"]["kind"], result.finding->kind);
	EXPECT_EQ(json["schedule"]["token"], schedule::to_token(schedule));
	EXPECT_EQ(json["schedule"]["cpus"][1][1]["op"], "offline");
	EXPECT_EQ(json["schedule"]["cpus"][1][1]["operand"], "cpu0");
	EXPECT_EQ(json["minimized"]["replays"], 372);
	EXPECT_EQ(json["events"].size(), result.trace->events.size());
	EXPECT_EQ(parse(json["schedule"]["text"].get<std::string>().c_str()), schedule);
}

TEST(JsonReport, WithoutFindingOrTrace)
{
	schedule::Schedule schedule;
	schedule.scheme = "refcount";
	const Json json = Json::parse(dump(to_json(schedule, Result{})));
	EXPECT_EQ(json["violation"], false);
	EXPECT_TRUE(json["finding"].is_null());
	EXPECT_TRUE(json["schedule"]["search"].is_null());
	EXPECT_FALSE(json.contains("events"));
}

} // namespace
} // namespace lazymm::report
