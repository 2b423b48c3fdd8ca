// SPDX-License-Identifier: MIT
// TSan's reports are ordinary failures: a planted race that no oracle may speak of makes a property
// fail, shrink, and end in a picture and a token. In other builds nothing is reported.
#include <gtest/gtest.h>

#include "core/schedule/size.h"
#include "properties/check.h"

namespace lazymm::properties
{
namespace
{

Property muted()
{
	return { .name = "test-only",
		 .promise = "TSan is silent",
		 .mixes = { exit_heavy, lazy_heavy },
		 .check = [](Case &c) { c.run({ "mm-count" }); },
		 .cases = 20'000,
		 .file = "spec.cc",
		 .line = 7 };
}

CheckOptions planted()
{
	CheckOptions options;
	options.bug = "rc-prev-mm-overwritten";
	options.cases = 3000;
	return options;
}

TEST(Tsan, ItsReportFailsShrinksAndIsShown)
{
	const Property property = muted();
	const Checked checked = check(property, "refcount", planted());
	ASSERT_EQ(checked.failure.has_value(), LAZYMM_TSAN == 1);
	if (!checked.failure)
		return;
	const Failure &failure = *checked.failure;
	EXPECT_TRUE(failure.again);
	EXPECT_EQ(failure.result.finding->kind, "thread-sanitizer");
	EXPECT_EQ(failure.result.finding->file, "spec.cc");
	EXPECT_LE(schedule::size(failure.schedule).ops, 6u);
	const std::string shown = picture(property, failure);
	EXPECT_EQ(shown.find("lazymm: VIOLATION test-only: thread-sanitizer"), 0u) << shown;
	EXPECT_NE(shown.find("replay:  lazymm replay LMM1:refcount+rc-prev-mm-overwritten:"),
		  std::string::npos)
		<< shown;
}

TEST(Tsan, IsNotHeededWhereItsWordDoesNotCount)
{
	Property property = muted();
	property.heeds_tsan = false;
	CheckOptions options = planted();
	options.cases = 100;
	EXPECT_FALSE(check(property, "refcount", options).failure);
}

TEST(Tsan, IsSilentOnWhatIsRight)
{
	CheckOptions options;
	options.cases = 100;
	EXPECT_FALSE(check(muted(), "refcount", options).failure);
}

} // namespace
} // namespace lazymm::properties
