// SPDX-License-Identifier: MIT
// What a fuzz target says when it starts wrongly, and when it finds something. In child processes,
// as a target does both only once.
#include "fuzz/target.h"

#include "core/schedule/bytes.h"
#include "core/schedule/text.h"

#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

namespace lazymm::fuzz
{
namespace
{

constexpr const char *kLeaks = "lazymm-schedule 1\nscheme lazymm-2021\ncpus 1\n\ncpu0\n  exit\n";

std::vector<std::uint8_t> bytes_of(const char *text)
{
	return schedule::encode(std::get<schedule::Schedule>(schedule::parse_text(text, "test")));
}

void find(const char *scheme)
{
	const auto bytes = bytes_of(kLeaks);
	start(scheme);
	run_input(bytes.data(), bytes.size());
	std::_Exit(0);
}

/// Sets a variable for the length of a test.
class Variable
{
public:
	Variable(const char *name, const char *value) : name_(name) { setenv(name, value, 1); }
	~Variable() { unsetenv(name_); }
	Variable(const Variable &) = delete;
	Variable &operator=(const Variable &) = delete;

private:
	const char *name_;
};

TEST(TargetDeathTest, NamesTheOracleAsClusterFuzzWantsIt)
{
	GTEST_FLAG_SET(death_test_style, "threadsafe");
	EXPECT_EXIT(find("lazymm-2021"), testing::KilledBySignal(SIGABRT),
		    "lazymm: VIOLATION mm-count: leak  scheme lazymm-2021(.|\n)*"
		    "replay:  lazymm replay LMM1:lazymm-2021:(.|\n)*"
		    "\nASSERTION FAILED: mm-count scheme=lazymm-2021\n");
}

TEST(TargetDeathTest, GoesOnWithoutAFinding)
{
	EXPECT_EXIT(find("refcount"), testing::ExitedWithCode(0), "");
}

TEST(TargetDeathTest, PlantsTheBug)
{
	const Variable bug("LAZYMM_BUG", "lz21-exit-mm-leak");
	EXPECT_EXIT(find("lazymm-2022"), testing::KilledBySignal(SIGABRT),
		    "bug lz21-exit-mm-leak(.|\n)*ASSERTION FAILED: mm-count scheme=lazymm-2022\n");
	EXPECT_EXIT(start("refcount"), testing::ExitedWithCode(2), "LAZYMM_BUG: .*lazymm-2022");
}

/// Exits with 1 if mutations are to make page tables, 2 if CPUs are to go down, 3 for both.
void show_operations(const char *scheme)
{
	start(scheme);
	std::_Exit((operations()[schedule::OpKind::free_table] > 0) +
		   2 * (operations()[schedule::OpKind::offline] > 0));
}

TEST(TargetDeathTest, MutatesWithWhatTheSchemeIsAbout)
{
	EXPECT_EXIT(show_operations("refcount"), testing::ExitedWithCode(2), "");
	EXPECT_EXIT(show_operations("pte-defer-final"), testing::ExitedWithCode(1), "");
	const Variable bug("LAZYMM_BUG", "s3-rcu-barrier-under-cpus-write");
	EXPECT_EXIT(show_operations("pte-defer-rcu-barrier-twice"), testing::ExitedWithCode(3), "");
}

TEST(TargetDeathTest, RefusesWhatItDoesNotKnow)
{
	EXPECT_EXIT(start("refcunt"), testing::ExitedWithCode(125), "refcunt");
	const auto wrong = [](const char *name, const char *value, int status) {
		const Variable variable(name, value);
		EXPECT_EXIT(start("refcount"), testing::ExitedWithCode(status), name);
	};
	wrong("LAZYMM_BUG", "no-such", 125);
	wrong("LAZYMM_MEMORY", "strong", 2);
	wrong("LAZYMM_CPUS", "0", 2);
	wrong("LAZYMM_CPUS", "5", 2);
	wrong("LAZYMM_CPUS", "2x", 2);
	wrong("LAZYMM_FEEDBACK", "none", 2);
}

} // namespace
} // namespace lazymm::fuzz
