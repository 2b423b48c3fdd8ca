// SPDX-License-Identifier: MIT
// Reports for machines: the same cases in each format against golden files, and cases that are made
// to break each format. What the real consumers say of them is ci/tests/reports.
#include "core/report/characters.h"
#include "core/report/formats.h"
#include "core/report/github.h"
#include "core/report/golden_test.h"
#include "core/report/json.h"
#include "core/report/junit.h"
#include "core/report/ktap.h"
#include "core/report/sarif.h"
#include "core/schedule/text.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace lazymm::report
{
namespace
{

constexpr const char *kHotplug = R"(lazymm-schedule 1
scheme lazymm-2021
cpus 2
cpu1
  switch kthread
  offline cpu0
)";

Violation violation()
{
	Violation out;
	auto parsed = schedule::parse_text(kHotplug, "test");
	out.schedule = std::get<schedule::Schedule>(std::move(parsed));
	Runner runner;
	EXPECT_FALSE(runner.prepare(out.schedule));
	RunOptions options;
	options.record = true;
	out.result = runner.run(out.schedule, options);
	EXPECT_TRUE(out.result.finding);
	out.minimized = Minimized{ out.schedule, *out.result.finding, 372, 1.25, true, 143 };
	out.replay_options = "--oracles mm-count";
	return out;
}

Cases some_cases()
{
	Cases cases;
	cases.push_back({ .suite = "corpus/refcount",
			  .name = "exit",
			  .scheme = "refcount",
			  .file = "corpus/refcount/seeds/exit.sched" });
	cases.push_back({ .suite = "corpus/lazymm-2021",
			  .name = "hotplug",
			  .scheme = "lazymm-2021",
			  .file = "corpus/lazymm-2021/witnesses/hotplug.sched",
			  .line = 1,
			  .verdict = Verdict::failed,
			  .violation = violation() });
	cases.push_back({ .suite = "corpus/refcount",
			  .name = "missed",
			  .scheme = "refcount",
			  .file = "corpus/refcount/witnesses/missed.sched",
			  .verdict = Verdict::failed,
			  .message = "expects \"mm-count leak\", shows nothing" });
	cases.push_back({ .suite = "run",
			  .name = "refcount",
			  .scheme = "refcount",
			  .verdict = Verdict::error,
			  .message = "interrupted after 17 runs" });
	return cases;
}

/// All of one, in a name, a message and a finding.
Cases hostile_cases()
{
	const std::string hostile =
		"]]> <![CDATA[ </failure> & \"'\\ \x01\x1b[31m\x7f \xff\xc3\x28\xed\xa0\x80 "
		"\xef\xbf\xbe "
		"caf\xc3\xa9 \xf0\x9f\x90\xa7 # Subtest: x\nok 1 fake\n1..7\r\n::error::x%0A%\n"
		"KTAP version 1\n```\n| a | b |\nSubtest: y\n";
	Case one{ .suite = hostile,
		  .name = hostile,
		  .scheme = hostile,
		  .file = "../a b/" + hostile,
		  .line = 3,
		  .verdict = Verdict::failed,
		  .message = hostile,
		  .violation = violation() };
	one.violation->result.finding->text = hostile;
	one.violation->result.finding->kind = hostile;
	one.violation->replay_options = hostile;
	Case same_name = one;
	same_name.suite = same_name.name = "run";
	same_name.violation.reset();
	Case error = one;
	error.verdict = Verdict::error;
	Case passed{ .suite = "run", .name = "", .message = hostile };
	Case nameless{ .verdict = Verdict::failed };
	return { one, same_name, error, passed, nameless };
}

const char *golden(const std::string &name)
{
	static std::map<std::string, std::string> paths;
	return (paths[name] = "core/report/golden/report." + name).c_str();
}

/// The same documents otherwise: they are checked as they stand by ci/tests/reports.
std::string without_source_lines(const std::string &text)
{
	const std::string attributes = std::regex_replace(
		without_lines(text), std::regex(" line=\"[0-9]+\""), " line=\"1\"");
	const std::string keys = std::regex_replace(
		attributes, std::regex("\"(start|end)Line\":[0-9]+"), "\"$1Line\":1");
	return std::regex_replace(keys, std::regex(",line=[0-9]+,"), ",line=1,");
}

/// Documents of one line would have unreadable golden files.
std::string pretty(const std::string &json)
{
	return Json::parse(json).dump(1, '\t') + '\n';
}

TEST(Reports, Junit)
{
	expect_golden(without_source_lines(junit(some_cases())), golden("junit.xml"));
}

TEST(Reports, Ktap)
{
	expect_golden(without_lines(ktap(some_cases())), golden("ktap"));
}

TEST(Reports, Sarif)
{
	std::string text = sarif(some_cases(), "1.2.3");
	// Promises are long, and golden in lists.
	Json json = Json::parse(text);
	Json &rules = json["runs"][0]["tool"]["driver"]["rules"];
	rules = Json::array({ rules[0] });
	expect_golden(pretty(without_source_lines(json.dump())), golden("sarif.json"));
}

TEST(Reports, GithubAnnotations)
{
	expect_golden(without_source_lines(annotations(some_cases())), golden("annotations"));
}

TEST(Reports, GithubSummary)
{
	expect_golden(without_lines(step_summary(some_cases())), golden("summary.md"));
}

TEST(Reports, Json)
{
	const Format *format = nullptr;
	for (const Format &one : formats())
		if (one.name == std::string("json"))
			format = &one;
	ASSERT_TRUE(format);
	const Json json = Json::parse(format->write(some_cases(), "1.2.3"));
	EXPECT_EQ(json["lazymm"], "1.2.3");
	EXPECT_EQ(json["cases"].size(), 4u);
	EXPECT_TRUE(json["cases"][0]["violation"].is_null());
	EXPECT_EQ(json["cases"][1]["verdict"], "failed");
	const Json &what = json["cases"][1]["violation"];
	EXPECT_EQ(what["finding"]["oracle"], "mm-count");
	EXPECT_GT(what["events"].size(), 0u);
	EXPECT_FALSE(what["minimized"].contains("seconds"));
	EXPECT_EQ(json["cases"][3]["message"], "interrupted after 17 runs");
}

TEST(Reports, SarifTellsOneFlowPerCpuInOneOrder)
{
	const Json json = Json::parse(sarif(some_cases(), "1.2.3"));
	const Json &run = json["runs"][0];
	std::set<std::string> rules;
	for (const Json &rule : run["tool"]["driver"]["rules"])
		rules.insert(rule["id"]);
	EXPECT_EQ(rules.size(), oracles::make_all().size() + 1);
	for (const auto &oracle : oracles::make_all())
		EXPECT_TRUE(rules.contains(oracle->name())) << oracle->name();
	ASSERT_EQ(run["results"].size(), 2u);
	const Json &result = run["results"][0];
	EXPECT_EQ(run["tool"]["driver"]["rules"][result["ruleIndex"].get<std::size_t>()]["id"],
		  result["ruleId"]);
	const Json &flows = result["codeFlows"][0]["threadFlows"];
	ASSERT_EQ(flows.size(), 2u);
	std::set<std::size_t> order;
	for (const Json &flow : flows) {
		std::size_t last = 0;
		for (const Json &location : flow["locations"]) {
			EXPECT_GT(location["executionOrder"], last);
			last = location["executionOrder"];
			EXPECT_TRUE(order.insert(last).second);
		}
	}
	EXPECT_EQ(*order.begin(), 1u);
	EXPECT_EQ(*order.rbegin(), order.size());
	// What is no result is not lost.
	EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"].size(), 1u);
	EXPECT_EQ(run["invocations"][0]["executionSuccessful"], false);
}

TEST(Reports, SarifIsNoLongerThanGithubTakes)
{
	Cases cases{ some_cases()[1] };
	auto &events = cases[0].violation->result.trace->events;
	// A note that has its row, many times over.
	const auto note = std::find_if(events.begin(), events.end(), [](const machine::Event &e) {
		return e.note == static_cast<unsigned>(kernel::EventKind::hotplug);
	});
	ASSERT_NE(note, events.end());
	const machine::Event copy = *note;
	events.insert(note, 12'000, copy);
	const Json json = Json::parse(sarif(cases, "1"));
	std::size_t locations = 0;
	for (const Json &flow : json["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"])
		locations += flow["locations"].size();
	EXPECT_EQ(locations, 10'000u);
}

/// Is all of it valid UTF-8, and without control characters but for line breaks and tabs?
void expect_clean(const std::string &text, const std::string &what)
{
	std::string_view rest = text;
	while (!rest.empty()) {
		const Character next = decode(rest);
		const bool invalid = next.code == 0xfffd && next.size == 1;
		const bool control = next.code < 0x20 && next.code != '\n' && next.code != '\t';
		ASSERT_FALSE(invalid || control) << what << " at " << text.size() - rest.size()
						 << ": " << static_cast<unsigned>(next.code);
		rest.remove_prefix(next.size);
	}
}

TEST(Reports, HostileTextStaysText)
{
	const Cases cases = hostile_cases();
	for (const Format &format : formats())
		expect_clean(format.write(cases, "1.2.3"), format.name);
	expect_clean(annotations(cases), "annotations");
	expect_clean(step_summary(cases), "summary");
	expect_golden(without_source_lines(junit(cases)), golden("hostile.junit.xml"));
	expect_golden(without_lines(ktap(cases)), golden("hostile.ktap"));
	expect_golden(without_source_lines(annotations(cases)), golden("hostile.annotations"));
	expect_golden(without_lines(step_summary(cases)), golden("hostile.summary.md"));
	// A line per case that did not pass, and each begins one.
	std::istringstream lines(annotations(cases));
	unsigned n = 0;
	for (std::string line; std::getline(lines, line); n++)
		EXPECT_TRUE(line.starts_with("::error ")) << line;
	EXPECT_EQ(n, 4u);
}

TEST(Reports, WithoutCases)
{
	EXPECT_EQ(ktap({}), "KTAP version 1\n1..0\n");
	EXPECT_EQ(annotations({}), "");
	EXPECT_TRUE(Json::parse(sarif({}, "1"))["runs"][0]["results"].empty());
	EXPECT_NE(junit({}).find("tests=\"0\""), std::string::npos);
}

TEST(Reports, SummariesHaveALimit)
{
	Cases cases(100, some_cases()[1]);
	const std::string text = step_summary(cases, 5000);
	EXPECT_LT(text.size(), 5100u);
	EXPECT_NE(text.find(" more that did not pass are left out here."), std::string::npos);
	EXPECT_NE(text.find("| corpus/lazymm-2021 | 0 | 100 | 0 |"), std::string::npos);
}

TEST(Reports, EqualRunsGiveEqualReports)
{
	Cases one = some_cases(), two = some_cases();
	two[1].violation->minimized->seconds = 99;
	for (const Format &format : formats())
		EXPECT_EQ(format.write(one, "1"), format.write(two, "1")) << format.name;
	EXPECT_EQ(annotations(one), annotations(two));
	EXPECT_EQ(step_summary(one), step_summary(two));
}

TEST(Characters, Decode)
{
	const auto expect = [](const char *text, char32_t code, std::size_t size) {
		const Character character = decode(text);
		EXPECT_EQ(character.code, code) << text;
		EXPECT_EQ(character.size, size) << text;
	};
	expect("", 0, 0);
	expect("a", 'a', 1);
	expect("\xc3\xa9", 0xe9, 2);
	expect("\xe2\x82\xac!", 0x20ac, 3);
	expect("\xf0\x9f\x90\xa7", 0x1f427, 4);
	expect("\xf4\x8f\xbf\xbf", 0x10ffff, 4);
	for (const char *bad :
	     { "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80",
	       "\xe2\x82", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff" })
		expect(bad, 0xfffd, 1);
}

TEST(Characters, EveryCodeSurvives)
{
	for (char32_t code = 1; code < 0x110000; code += code < 0x3000 ? 1 : 0x101) {
		std::string text;
		append_utf8(text, code);
		const Character back = decode(text);
		if (code >= 0xd800 && code < 0xe000)
			ASSERT_EQ(back.code, 0xfffdu);
		else
			ASSERT_EQ(back.code, code);
	}
}

TEST(Characters, Lines)
{
	EXPECT_EQ(one_line("a\tb\nc\x01"), "a b c\xef\xbf\xbd");
	EXPECT_EQ(one_line("\xe2\x80\xa8"), "\xef\xbf\xbd");
	using Lines = std::vector<std::string>;
	EXPECT_EQ(split_lines("a\n\nb\n"), (Lines{ "a", "", "b" }));
	EXPECT_EQ(split_lines(""), Lines{});
	EXPECT_EQ(shortened("caf\xc3\xa9", 4), "caf");
	EXPECT_EQ(shortened("caf\xc3\xa9", 5), "caf\xc3\xa9");
}

} // namespace
} // namespace lazymm::report
