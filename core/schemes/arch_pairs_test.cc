// SPDX-License-Identifier: MIT
// Schemes under architectures: each sound one is silent wherever it does not say that it is not
// made for. That it speaks where it does say so is the corpus's to show (ci/tests/corpus).
#include <string_view>

#include <gtest/gtest.h>

#include "core/harness/search.h"
#include "core/machine/tsan.h"
#include "core/schedule/names.h"
#include "core/schedule/text.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
namespace
{

using kernel::ArchKind;

bool suited(const SchemeInfo &scheme, ArchKind arch)
{
	for (const Unsuited &one : scheme.unsuited)
		if (one.arch == arch)
			return false;
	return true;
}

/// What a search of so many runs finds; nothing, or it is told.
testing::AssertionResult silent(const SchemeInfo &scheme, schedule::Arch arch,
				schedule::Memory memory, std::uint64_t runs)
{
	SearchOptions options;
	options.base.scheme = scheme.name;
	options.base.arch = arch;
	options.base.memory = memory;
	options.base.cpus.resize(3);
	options.runs = runs;
	Runner runner;
	EXPECT_FALSE(runner.prepare(options.base));
	const SearchResult found = search(runner, options);
	if (!found.finding)
		return testing::AssertionSuccess();
	return testing::AssertionFailure()
	       << found.finding->oracle << ": " << found.finding->text << '\n'
	       << schedule::to_text(*found.schedule);
}

constexpr bool kPlain = !LAZYMM_TSAN && !LAZYMM_ASAN;

TEST(ArchPairs, SoundSchemesAreSilentWhereTheyBelong)
{
	unsigned pairs = 0;
	for (const SchemeInfo *scheme : all_schemes()) {
		if (scheme->expect != Expect::sound || std::string_view(scheme->from) == "a test")
			continue;
		for (unsigned arch = 0; arch < kernel::kArchKinds; arch++) {
			if (!suited(*scheme, static_cast<ArchKind>(arch)))
				continue;
			const auto in_schedules = static_cast<schedule::Arch>(arch + 1);
			const auto memory = static_cast<schedule::Memory>(pairs++ % 3);
			EXPECT_TRUE(silent(*scheme, in_schedules, memory, kPlain ? 1500 : 100))
				<< scheme->name << " on " << schedule::name(in_schedules);
		}
	}
	EXPECT_GT(pairs, 60u);
}

/// The same look finds what there is to find.
TEST(ArchPairs, TheLookFindsWhatIsUnsuited)
{
	const SchemeInfo &shootdown = *find_scheme("shootdown");
	ASSERT_FALSE(suited(shootdown, ArchKind::x86));
	EXPECT_FALSE(silent(shootdown, schedule::Arch::x86, schedule::Memory::sc, 20'000));
	EXPECT_TRUE(suited(shootdown, ArchKind::powerpc));
}

} // namespace
} // namespace lazymm::schemes
