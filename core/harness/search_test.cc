// SPDX-License-Identifier: MIT
// Search, and the minimiser behind it, on the kernel with planted bugs.
#include "core/harness/search.h"

#include <bit>

#include <gtest/gtest.h>

#include "core/harness/minimize.h"
#include "core/schedule/lives.h"
#include "core/schedule/shrinks.h"
#include "core/schedule/size.h"
#include "core/schedule/text.h"

namespace lazymm
{
namespace
{

SearchOptions options_for(const std::string &scheme, const std::string &bug)
{
	SearchOptions options;
	options.base.scheme = scheme;
	options.base.bug = bug;
	options.run.oracles = { "mm-count" };
	options.runs = 200'000;
	return options;
}

TEST(Search, FindsAPlantedBugFromNothing)
{
	Runner runner;
	const SearchOptions options = options_for("refcount", "rc-missing-grab-u2k");
	ASSERT_FALSE(runner.prepare(options.base));
	const SearchResult r = search(runner, options);
	ASSERT_TRUE(r.schedule && r.finding);
	EXPECT_EQ(r.finding->oracle, "mm-count");
	EXPECT_FALSE(r.schedule->search);
	EXPECT_EQ(r.schedule->bug, "rc-missing-grab-u2k");
	EXPECT_LE(r.runs, options.runs);
	// On another machine too.
	Runner other;
	ASSERT_FALSE(other.prepare(*r.schedule));
	const Result &again = other.run(*r.schedule, options.run);
	ASSERT_TRUE(again.finding);
	EXPECT_TRUE(again.finding->same_as(*r.finding));
}

TEST(Search, EveryStrategyFindsIt)
{
	for (const auto strategy : { schedule::Strategy::random, schedule::Strategy::pct,
				     schedule::Strategy::pos, schedule::Strategy::surw,
				     schedule::Strategy::portfolio, schedule::Strategy::stall }) {
		Runner runner;
		SearchOptions options = options_for("refcount", "rc-missing-grab-u2k");
		options.strategy = strategy;
		ASSERT_FALSE(runner.prepare(options.base));
		EXPECT_TRUE(search(runner, options).finding) << schedule::name(strategy);
	}
}

TEST(Search, DoesTheSameTwice)
{
	std::optional<SearchResult> first;
	for (unsigned i = 0; i < 2; i++) {
		Runner runner;
		SearchOptions options = options_for("refcount", "rc-missing-grab-u2k");
		options.seed = 5;
		ASSERT_FALSE(runner.prepare(options.base));
		SearchResult r = search(runner, options);
		ASSERT_TRUE(r.schedule);
		if (first) {
			EXPECT_EQ(first->runs, r.runs);
			EXPECT_EQ(first->corpus, r.corpus);
			EXPECT_EQ(first->schedule, r.schedule);
		}
		first = std::move(r);
	}
}

/// What random_lives() says of itself: in the order that it gives them, operations make sense.
TEST(Search, LivesDoSomething)
{
	Runner runner;
	schedule::Rng rng(1);
	std::uint32_t ops = 0, busy = 0;
	for (unsigned i = 0; i < 200; i++) {
		Schedule lives = schedule::random_lives(rng, 3);
		lives.scheme = "refcount";
		ASSERT_FALSE(runner.prepare(lives));
		const Result &result = runner.run(lives);
		ASSERT_FALSE(result.finding);
		ops += schedule::size(lives).ops;
		for (const std::uint64_t bits : result.busy_ops)
			busy += static_cast<std::uint32_t>(std::popcount(bits));
	}
	EXPECT_GT(busy, ops * 3 / 4) << busy << " of " << ops;
}

TEST(Search, EndsAtItsLimitsWithNothingFound)
{
	Runner runner;
	SearchOptions options = options_for("refcount", "");
	options.base.cpus.resize(3);
	options.runs = 20'000;
	ASSERT_FALSE(runner.prepare(options.base));
	SearchResult r = search(runner, options);
	EXPECT_EQ(r.runs, 20'000u);
	EXPECT_FALSE(r.finding) << schedule::to_text(*r.schedule);
	EXPECT_GT(r.corpus, 10u);

	std::uint64_t asked = 0;
	options.interrupted = [&] { return ++asked > 100; };
	r = search(runner, options);
	EXPECT_GT(r.runs, 50u);
	EXPECT_LE(r.runs, 100u);
}

TEST(Search, RunsTheCorpusFirst)
{
	Runner runner;
	SearchOptions options = options_for("refcount", "rc-missing-grab-u2k");
	ASSERT_FALSE(runner.prepare(options.base));
	const SearchResult found = search(runner, options);
	ASSERT_TRUE(found.schedule);
	// A witness without names: what is searched is the base's.
	Schedule witness = *found.schedule;
	witness.scheme = "another";
	witness.bug.clear();
	options.corpus = { Schedule{}, witness };
	const SearchResult r = search(runner, options);
	EXPECT_EQ(r.runs, 2u);
	EXPECT_TRUE(r.finding);
}

TEST(Search, WitnessesAreMinimal)
{
	for (const char *bug : { "rc-missing-grab-u2k", "rc-prev-mm-not-cleared" }) {
		Runner runner;
		const SearchOptions options = options_for("refcount", bug);
		ASSERT_FALSE(runner.prepare(options.base));
		const SearchResult r = search(runner, options);
		ASSERT_TRUE(r.finding) << bug;
		const auto m = minimize(runner, *r.schedule, *r.finding, options.run,
					{ .seconds = 1e9, .replays = 200'000 });
		ASSERT_TRUE(m) << bug;
		EXPECT_TRUE(m->minimal) << bug;
		EXPECT_LE(schedule::size(m->schedule).ops, 5u) << schedule::to_text(m->schedule);
		schedule::Shrinks shrinks(m->schedule);
		for (Schedule cut; shrinks.next(cut);) {
			const Result &result = runner.run(cut, options.run);
			EXPECT_FALSE(result.finding && result.finding->same_as(*r.finding))
				<< schedule::to_text(cut);
		}
	}
}

} // namespace
} // namespace lazymm
