// SPDX-License-Identifier: MIT
#include "core/harness/interleavings.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/harness/search.h"
#include "core/schedule/text.h"

namespace lazymm
{
namespace
{

using machine::AccessKind;
using machine::Event;

Event access(std::uint8_t cpu, std::uint32_t line, AccessKind kind, const char *name = "word",
	     int number = 1)
{
	Event event;
	event.cpu = cpu;
	event.line = line;
	event.kind = kind;
	event.name = name;
	event.owner = { "mm", number };
	event.file = "a.cc";
	return event;
}

std::vector<PlacePair> pairs_of(const std::vector<std::vector<Event>> &runs)
{
	Interleavings seen;
	for (const auto &events : runs)
		seen.add({ events });
	return seen.pairs();
}

const Event kStore = access(0, 1, AccessKind::store), kLoad = access(1, 2, AccessKind::load);

TEST(Interleavings, OneOrderOnly)
{
	const auto pairs = pairs_of({ { kStore, kLoad }, { kStore, kLoad } });
	ASSERT_EQ(pairs.size(), 1u);
	EXPECT_EQ(pairs[0].location, "mm.word");
	EXPECT_EQ(text(pairs[0].first), "a.cc:1 store");
	EXPECT_EQ(text(pairs[0].second), "a.cc:2 load");
	EXPECT_FALSE(pairs[0].both);
	// The way round that was seen, not that of the names.
	const auto other = pairs_of({ { kLoad, kStore } });
	ASSERT_EQ(other.size(), 1u);
	EXPECT_EQ(text(other[0].first), "a.cc:2 load");
}

TEST(Interleavings, BothOrdersInOneRunOrTwo)
{
	for (const auto &runs :
	     std::vector<std::vector<std::vector<Event>>>{ { { kStore, kLoad }, { kLoad, kStore } },
							   { { kLoad, kStore }, { kStore, kLoad } },
							   { { kStore, kLoad, kStore } } }) {
		const auto pairs = pairs_of(runs);
		ASSERT_EQ(pairs.size(), 1u);
		EXPECT_TRUE(pairs[0].both);
		EXPECT_EQ(text(pairs[0].first), "a.cc:1 store");
	}
}

TEST(Interleavings, NotAPair)
{
	// Two loads; one CPU; two objects; two locations; two runs; a place and itself.
	EXPECT_EQ(pairs_of({ { access(0, 1, AccessKind::load), kLoad } }).size(), 0u);
	EXPECT_EQ(pairs_of({ { access(1, 1, AccessKind::store), kLoad } }).size(), 0u);
	EXPECT_EQ(pairs_of({ { access(0, 1, AccessKind::store, "word", 2), kLoad } }).size(), 0u);
	EXPECT_EQ(pairs_of({ { access(0, 1, AccessKind::store, "other"), kLoad } }).size(), 0u);
	EXPECT_EQ(pairs_of({ { kStore }, { kLoad } }).size(), 0u);
	EXPECT_EQ(pairs_of({ { kStore, access(1, 1, AccessKind::store) } }).size(), 0u);
	// What the kernel has to say, and barriers.
	Event note = kStore, barrier = access(0, 1, AccessKind::mb, "");
	note.note = 1;
	EXPECT_EQ(pairs_of({ { note, barrier, kLoad } }).size(), 0u);
}

TEST(Interleavings, WhoseverItIs)
{
	Event mine = kStore, yours = kLoad;
	mine.owner = yours.owner = { "B", -1 };
	const auto pairs = pairs_of({ { mine, yours } });
	ASSERT_EQ(pairs.size(), 1u);
	EXPECT_EQ(pairs[0].location, "task.word");
}

std::vector<PlacePair> pairs_of_schedules(const std::vector<std::string> &texts)
{
	Runner runner;
	Interleavings seen;
	for (const std::string &text : texts) {
		auto parsed = schedule::parse_text(text, "test");
		const auto *schedule = std::get_if<Schedule>(&parsed);
		EXPECT_TRUE(schedule) << text;
		EXPECT_FALSE(runner.prepare(*schedule));
		seen.add(*runner.run(*schedule, { .record = true }).trace);
	}
	return seen.pairs();
}

std::size_t in_both_orders(const std::vector<PlacePair> &pairs)
{
	return static_cast<std::size_t>(std::count_if(pairs.begin(), pairs.end(),
						      [](const PlacePair &p) { return p.both; }));
}

// CPU1 looks for B once CPU0 has made it, and before.
constexpr const char *kOneWay = "lazymm-schedule 1\nscheme refcount\ncpus 2\n\n"
				"cpu0\n  thread B\ncpu1\n  switch B\n";
constexpr const char *kOtherWay = "lazymm-schedule 1\nscheme refcount\ncpus 2\n\n"
				  "cpu0\n  thread B  +1 run cpu1\ncpu1\n  switch B\n";

TEST(Interleavings, OfTheKernel)
{
	const auto one = pairs_of_schedules({ kOneWay }),
		   both = pairs_of_schedules({ kOneWay, kOtherWay });
	ASSERT_FALSE(one.empty());
	EXPECT_GT(in_both_orders(both), in_both_orders(one));
	EXPECT_EQ(pairs_of_schedules({ kOtherWay, kOneWay }), both);
	// A pair that is there in one order only in the first, in both with the second.
	const auto turned = std::find_if(one.begin(), one.end(), [&](const PlacePair &pair) {
		return !pair.both && std::any_of(both.begin(), both.end(), [&](const PlacePair &p) {
			return p.both && p.location == pair.location &&
			       std::minmax(p.first, p.second) ==
				       std::minmax(pair.first, pair.second);
		});
	});
	EXPECT_NE(turned, one.end());
}

TEST(Interleavings, ASearchFillsThemIn)
{
	const auto after = [](std::uint64_t runs) {
		Runner runner;
		Interleavings seen;
		std::uint64_t told = 0;
		SearchOptions options;
		options.base.scheme = "refcount";
		options.base.cpus.resize(2);
		options.run = { .record = true, .oracles = { "none" } };
		options.runs = runs;
		options.each = [&](const Result &result) {
			seen.add(*result.trace);
			told++;
		};
		EXPECT_FALSE(runner.prepare(options.base));
		search(runner, options);
		EXPECT_EQ(told, runs);
		return seen.pairs();
	};
	const auto few = after(5), more = after(200);
	EXPECT_GT(more.size(), few.size());
	EXPECT_GT(in_both_orders(more), in_both_orders(few));
	EXPECT_EQ(after(200), more);
}

} // namespace
} // namespace lazymm
