// SPDX-License-Identifier: MIT
// The classic shapes under each memory model, in both directions: what it forbids and what it
// shows. Most operational tools get some of them wrong.
#include "core/litmus/verdict.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

namespace lazymm::litmus
{
namespace
{

using machine::Memory;

std::string judged(const std::string &text, Memory memory)
{
	static machine::Machine machine(machine::Engine::fibers);
	const auto r = judge(text, "t", machine, { .memory = memory });
	if (const auto *error = std::get_if<Error>(&r))
		return error->text();
	const Result &result = std::get<Result>(r);
	return (result.exhaustive ? "" : "not exhaustive: ") +
	       std::string(to_string(result.verdict));
}

struct Shape {
	const char *name;
	std::vector<const char *> threads;
	const char *outcome; ///< of the exists clause
	const char *sc, *tso, *weak;
};

const char *const kNever = "Never", *const kSometimes = "Sometimes";

// Each thread on x, y, z and s, all 0.
const Shape kShapes[] = {
	{ "MP",
	  { "WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);",
	    "int r1 = READ_ONCE(*y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 1:r2=0",
	  kNever,
	  kNever,
	  kSometimes },
	{ "MP_release_acquire",
	  { "WRITE_ONCE(*x, 1); smp_store_release(y, 1);",
	    "int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 1:r2=0",
	  kNever,
	  kNever,
	  kNever },
	{ "MP_wmb_rmb",
	  { "WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);",
	    "int r1 = READ_ONCE(*y); smp_rmb(); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 1:r2=0",
	  kNever,
	  kNever,
	  kNever },
	{ "MP_wmb_alone",
	  { "WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);",
	    "int r1 = READ_ONCE(*y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 1:r2=0",
	  kNever,
	  kNever,
	  kSometimes },
	// A release sequence goes on through an RMW.
	{ "MP_through_an_RMW",
	  { "WRITE_ONCE(*x, 1); smp_store_release(y, 1);", "int r1 = xchg_relaxed(y, 2);",
	    "int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 2:r1=2 /\\ 2:r2=0",
	  kNever,
	  kNever,
	  kNever },
	{ "MP_through_a_store",
	  { "WRITE_ONCE(*x, 1); smp_store_release(y, 1);",
	    "int r1 = READ_ONCE(*y); WRITE_ONCE(*y, 2);",
	    "int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 2:r1=2 /\\ 2:r2=0",
	  kNever,
	  kNever,
	  kSometimes },
	{ "2+2W",
	  { "WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 2);", "WRITE_ONCE(*y, 1); WRITE_ONCE(*x, 2);" },
	  "x=1 /\\ y=1",
	  kNever,
	  kNever,
	  kSometimes },
	{ "2+2W_wmb",
	  { "WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 2);",
	    "WRITE_ONCE(*y, 1); smp_wmb(); WRITE_ONCE(*x, 2);" },
	  "x=1 /\\ y=1",
	  kNever,
	  kNever,
	  kSometimes },
	{ "2+2W_mb",
	  { "WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*y, 2);",
	    "WRITE_ONCE(*y, 1); smp_mb(); WRITE_ONCE(*x, 2);" },
	  "x=1 /\\ y=1",
	  kNever,
	  kNever,
	  kNever },
	{ "IRIW_acquire",
	  { "WRITE_ONCE(*x, 1);", "WRITE_ONCE(*y, 1);",
	    "int r1 = smp_load_acquire(x); int r2 = READ_ONCE(*y);",
	    "int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x);" },
	  "2:r1=1 /\\ 2:r2=0 /\\ 3:r1=1 /\\ 3:r2=0",
	  kNever,
	  kNever,
	  kSometimes },
	{ "IRIW_mb",
	  { "WRITE_ONCE(*x, 1);", "WRITE_ONCE(*y, 1);",
	    "int r1 = READ_ONCE(*x); smp_mb(); int r2 = READ_ONCE(*y);",
	    "int r1 = READ_ONCE(*y); smp_mb(); int r2 = READ_ONCE(*x);" },
	  "2:r1=1 /\\ 2:r2=0 /\\ 3:r1=1 /\\ 3:r2=0",
	  kNever,
	  kNever,
	  kNever },
	{ "SB",
	  { "WRITE_ONCE(*x, 1); int r1 = READ_ONCE(*y);",
	    "WRITE_ONCE(*y, 1); int r1 = READ_ONCE(*x);" },
	  "0:r1=0 /\\ 1:r1=0",
	  kNever,
	  kSometimes,
	  kSometimes },
	{ "SB_release_acquire",
	  { "smp_store_release(x, 1); int r1 = smp_load_acquire(y);",
	    "smp_store_release(y, 1); int r1 = smp_load_acquire(x);" },
	  "0:r1=0 /\\ 1:r1=0",
	  kNever,
	  kSometimes,
	  kSometimes },
	{ "SB_mb",
	  { "WRITE_ONCE(*x, 1); smp_mb(); int r1 = READ_ONCE(*y);",
	    "WRITE_ONCE(*y, 1); smp_mb(); int r1 = READ_ONCE(*x);" },
	  "0:r1=0 /\\ 1:r1=0",
	  kNever,
	  kNever,
	  kNever },
	// smp_mb(), relaxed RMW, smp_mb(); C++'s seq_cst RMW allows it.
	{ "SB_around_xchg",
	  { "WRITE_ONCE(*x, 1); int r0 = xchg(z, 1); int r1 = READ_ONCE(*y);",
	    "WRITE_ONCE(*y, 1); int r0 = xchg(s, 1); int r1 = READ_ONCE(*x);" },
	  "0:r1=0 /\\ 1:r1=0",
	  kNever,
	  kNever,
	  kNever },
	{ "SB_around_xchg_relaxed",
	  { "WRITE_ONCE(*x, 1); int r0 = xchg_relaxed(z, 1); int r1 = READ_ONCE(*y);",
	    "WRITE_ONCE(*y, 1); int r0 = xchg_relaxed(s, 1); int r1 = READ_ONCE(*x);" },
	  "0:r1=0 /\\ 1:r1=0",
	  kNever,
	  kNever,
	  kSometimes },
	{ "R",
	  { "WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);", "WRITE_ONCE(*y, 2); int r1 = READ_ONCE(*x);" },
	  "y=2 /\\ 1:r1=0",
	  kNever,
	  kSometimes,
	  kSometimes },
	{ "CoRR",
	  { "WRITE_ONCE(*x, 1);", "int r1 = READ_ONCE(*x); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 1:r2=0",
	  kNever,
	  kNever,
	  kNever },
	{ "CoWW", { "WRITE_ONCE(*x, 1); WRITE_ONCE(*x, 2);" }, "x=1", kNever, kNever, kNever },
	{ "CoWR",
	  { "WRITE_ONCE(*x, 1); int r1 = READ_ONCE(*x);", "WRITE_ONCE(*x, 2);" },
	  "0:r1=0",
	  kNever,
	  kNever,
	  kNever },
	// No operational model shows it; the kernel's allows it.
	{ "LB",
	  { "int r1 = READ_ONCE(*x); WRITE_ONCE(*y, 1);",
	    "int r1 = READ_ONCE(*y); WRITE_ONCE(*x, 1);" },
	  "0:r1=1 /\\ 1:r1=1",
	  kNever,
	  kNever,
	  kNever },
	// What a full barrier was after has reached everybody: cumulativity.
	{ "ISA2_mb_acquire",
	  { "WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*y, 1);",
	    "int r1 = smp_load_acquire(y); WRITE_ONCE(*z, 1);",
	    "int r1 = smp_load_acquire(z); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 2:r1=1 /\\ 2:r2=0",
	  kNever,
	  kNever,
	  kNever },
	{ "WRC_relaxed",
	  { "WRITE_ONCE(*x, 1);", "int r1 = READ_ONCE(*x); WRITE_ONCE(*y, 1);",
	    "int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 2:r1=1 /\\ 2:r2=0",
	  kNever,
	  kNever,
	  kSometimes },
	{ "WRC_release",
	  { "WRITE_ONCE(*x, 1);", "int r1 = READ_ONCE(*x); smp_store_release(y, 1);",
	    "int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x);" },
	  "1:r1=1 /\\ 2:r1=1 /\\ 2:r2=0",
	  kNever,
	  kNever,
	  kNever },
};

class Classic : public testing::TestWithParam<Shape>
{
};

TEST_P(Classic, Shape)
{
	const Shape &shape = GetParam();
	std::string text = "C shape\n{ }\n";
	unsigned n = 0;
	for (const char *body : shape.threads)
		text += "P" + std::to_string(n++) + "(int *x, int *y, int *z, int *s)\n{\n" + body +
			"\n}\n";
	text += std::string("exists (") + shape.outcome + ")\n";
	EXPECT_EQ(judged(text, Memory::sc), shape.sc) << text;
	EXPECT_EQ(judged(text, Memory::tso), shape.tso) << text;
	EXPECT_EQ(judged(text, Memory::weak), shape.weak) << text;
}

INSTANTIATE_TEST_SUITE_P(, Classic, testing::ValuesIn(kShapes), [](const auto &info) {
	std::string name = info.param.name;
	for (char &c : name)
		c = c == '+' ? '_' : c;
	return name;
});

/// The scenarios of membarrier with one barrier removed at a time: herd7's verdicts.
TEST(Membarrier, AsHerdSays)
{
	const std::string folder = LAZYMM_SOURCE_DIR "/core/litmus/membarrier/";
	std::ifstream verdicts(folder + "verdicts.txt");
	const std::pair<const char *, Memory> columns[] = { { "nolb=", Memory::weak },
							    { "lk-tso=", Memory::tso },
							    { "lk-sc=", Memory::sc } };
	std::string line;
	unsigned tests = 0;
	while (std::getline(verdicts, line)) {
		std::istringstream words(line);
		std::string name, word;
		words >> name;
		std::ifstream file(folder + name + ".litmus");
		ASSERT_TRUE(file) << name;
		const std::string text{ std::istreambuf_iterator<char>(file), {} };
		while (words >> word)
			for (const auto &[column, memory] : columns)
				if (word.starts_with(column))
					EXPECT_EQ(judged(text, memory),
						  word.substr(std::string(column).size()))
						<< name << ' ' << word;
		tests++;
	}
	EXPECT_EQ(tests, 72u);
}

} // namespace
} // namespace lazymm::litmus
