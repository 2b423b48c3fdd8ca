// SPDX-License-Identifier: MIT
// What is said of a schedule does not depend on the build: the same cases under every scheme, as
// one line each of a golden file that all presets share. Verdicts, findings and all that was done,
// but no line numbers. It changes with the kernel's code: LAZYMM_UPDATE_GOLDEN=1 writes it anew,
// and all builds have to agree on that.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/report/golden_test.h"
#include "core/report/picture.h"
#include "core/schemes/registry.h"
#include "properties/check.h"

namespace lazymm::properties
{
namespace
{

class Digest
{
public:
	void add(const std::string &text)
	{
		for (const char c : text + '\n')
			hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
	}
	std::uint64_t get() const { return hash_; }

private:
	std::uint64_t hash_ = 0xcbf29ce484222325;
};

std::string line_of(Runner &runner, const char *scheme)
{
	const Property cases{ .name = "test-only",
			      .mixes = { usual, exit_heavy, membarrier_heavy, hotplug } };
	schedule::Rng rng(1);
	Digest digest;
	unsigned violations = 0;
	for (unsigned i = 0; i < 60; i++) {
		const Schedule s = random_case(cases, scheme, rng);
		EXPECT_FALSE(runner.prepare(s));
		const Result &result = runner.run(s, { .record = true });
		violations += result.finding.has_value();
		digest.add(fmt::format("{} {} {}", static_cast<int>(result.outcome),
				       result.accesses,
				       result.finding ? report::title(*result.finding) : ""));
		for (const machine::Event &e : result.trace->events)
			digest.add(fmt::format("{} {} {} {} {} {} {} {} {}", e.step, e.op, e.at,
					       e.cpu, static_cast<int>(e.kind), e.note, e.name,
					       e.before, e.after));
	}
	return fmt::format("{:<28} {:>3} of 60  {:016x}\n", scheme, violations, digest.get());
}

TEST(Verdict, IsTheSameInEveryBuild)
{
	Runner runner;
	std::string text;
	for (const schemes::SchemeInfo *info : schemes::all_schemes())
		text += line_of(runner, info->name);
	report::expect_golden(text, "properties/golden/verdicts.txt");
}

} // namespace
} // namespace lazymm::properties
