// SPDX-License-Identifier: MIT
// The classic shapes under sc, locks, RCU, and what is printed.
#include "core/litmus/verdict.h"

#include <bit>
#include <string>

#include <gtest/gtest.h>

namespace lazymm::litmus
{
namespace
{

/// A test of the threads P0, P1, ..., on x, y, z, s (int) and l (a lock).
std::string shape(std::initializer_list<const char *> threads, std::string condition)
{
	std::string text = "C shape\n{ }\n";
	unsigned n = 0;
	for (const char *body : threads)
		text += "P" + std::to_string(n++) +
			"(int *x, int *y, int *z, int *s, spinlock_t *l)\n{\n" + body + "\n}\n";
	return text + condition + "\n";
}

std::variant<Result, Error> run(const std::string &text, Options options = {})
{
	static machine::Machine machine(machine::Engine::fibers);
	return judge(text, "t", machine, options);
}

/// Never, Sometimes, ...; an error's text.
std::string verdict(const std::string &text, Options options = {})
{
	auto r = run(text, options);
	if (auto *error = std::get_if<Error>(&r))
		return error->text();
	return std::string(to_string(std::get<Result>(r).verdict));
}

std::string verdict(std::initializer_list<const char *> threads, std::string condition)
{
	std::string text = shape(threads, condition);
	std::string reduced = verdict(text);
	EXPECT_EQ(verdict(text, { .strategy = Strategy::naive }), reduced) << text;
	return reduced;
}

TEST(ShapesUnderSc, StoreBuffering)
{
	EXPECT_EQ(verdict({ "WRITE_ONCE(*x, 1); int r1 = READ_ONCE(*y);",
			    "WRITE_ONCE(*y, 1); int r1 = READ_ONCE(*x);" },
			  "exists (0:r1=0 /\\ 1:r1=0)"),
		  "Never");
}

TEST(ShapesUnderSc, MessagePassing)
{
	std::initializer_list<const char *> threads = {
		"WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);",
		"int r1 = READ_ONCE(*y); int r2 = READ_ONCE(*x);"
	};
	EXPECT_EQ(verdict(threads, "exists (1:r1=1 /\\ 1:r2=0)"), "Never");
	EXPECT_EQ(verdict(threads, "exists (1:r1=1 /\\ 1:r2=1)"), "Sometimes");
	EXPECT_EQ(verdict(threads, "forall (1:r1=0 \\/ 1:r2=1)"), "Always");
	EXPECT_EQ(verdict(threads, "filter (1:r1=1) exists (1:r2=1)"), "Always");
}

TEST(ShapesUnderSc, TwoPlusTwoWrites)
{
	EXPECT_EQ(verdict({ "WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 2);",
			    "WRITE_ONCE(*y, 1); WRITE_ONCE(*x, 2);" },
			  "exists (x=1 /\\ y=1)"),
		  "Never");
}

TEST(ShapesUnderSc, IndependentReadsOfIndependentWrites)
{
	EXPECT_EQ(
		verdict({ "WRITE_ONCE(*x, 1);", "int r1 = READ_ONCE(*x); int r2 = READ_ONCE(*y);",
			  "WRITE_ONCE(*y, 1);", "int r1 = READ_ONCE(*y); int r2 = READ_ONCE(*x);" },
			"exists (1:r1=1 /\\ 1:r2=0 /\\ 3:r1=1 /\\ 3:r2=0)"),
		"Never");
}

TEST(ShapesUnderSc, CoherenceOfReads)
{
	EXPECT_EQ(
		verdict({ "WRITE_ONCE(*x, 1);", "int r1 = READ_ONCE(*x); int r2 = READ_ONCE(*x);" },
			"exists (1:r1=1 /\\ 1:r2=0)"),
		"Never");
}

TEST(ShapesUnderSc, LoadBuffering)
{
	EXPECT_EQ(verdict({ "int r1 = READ_ONCE(*x); WRITE_ONCE(*y, 1);",
			    "int r1 = READ_ONCE(*y); WRITE_ONCE(*x, 1);" },
			  "exists (0:r1=1 /\\ 1:r1=1)"),
		  "Never");
}

TEST(Rmw, AreAtomic)
{
	EXPECT_EQ(verdict({ "int r1 = atomic_inc_return(x);", "atomic_add(2, x);",
			    "int r1 = cmpxchg(x, 0, 5);" },
			  "forall (x=3 \\/ x=8)"),
		  "Always");
	EXPECT_EQ(verdict({ "atomic_inc(x);", "atomic_inc(x);", "atomic_dec(x);" }, "forall (x=1)"),
		  "Always");
	EXPECT_EQ(verdict({ "int r1 = atomic_add_unless(x, 1, 1);",
			    "int r1 = atomic_add_unless(x, 1, 1);" },
			  "forall (x=1 /\\ (0:r1=1 /\\ 1:r1=0 \\/ 0:r1=0 /\\ 1:r1=1))"),
		  "Always");
	EXPECT_EQ(verdict({ "int r1 = atomic_dec_and_test(x); int r2 = atomic_read(x);" },
			  "forall (0:r1=0 /\\ 0:r2=-1)"),
		  "Always");
	EXPECT_EQ(verdict({ "int r1 = xchg(x, 1); int r2 = atomic_fetch_or(6, x);"
			    "int r3 = atomic_sub_return_release(8, x);" },
			  "forall (0:r1=0 /\\ 0:r2=1 /\\ 0:r3=-1)"),
		  "Always");
}

TEST(Locks, Exclude)
{
	const char *section = "spin_lock(l); int r1 = READ_ONCE(*x); WRITE_ONCE(*x, r1 + 1);"
			      "spin_unlock(l);";
	EXPECT_EQ(verdict({ section, section, section }, "forall (x=3)"), "Always");
	EXPECT_EQ(verdict({ section, "int r2 = spin_trylock(l); int r1 = 9;"
				     "if (r2) { r1 = READ_ONCE(*x); spin_unlock(l); }" },
			  "forall (1:r2=0 /\\ 1:r1=9 \\/ 1:r2=1 /\\ (1:r1=0 \\/ 1:r1=1))"),
		  "Always");
}

TEST(Locks, NotReleasedIsADeadlock)
{
	EXPECT_EQ(verdict({ "spin_lock(l); spin_lock(l); WRITE_ONCE(*x, 1);" }, "exists (x=1)"),
		  "DEADLOCK");
	EXPECT_EQ(
		verdict({ "spin_lock(l); WRITE_ONCE(*x, 1);", "spin_lock(l); WRITE_ONCE(*x, 2);" },
			"exists (x=1)"),
		"DEADLOCK");
}

TEST(Rcu, GracePeriodWaitsForReaders)
{
	const char *updater = "WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1);";
	EXPECT_EQ(verdict({ updater, "rcu_read_lock(); int r1 = READ_ONCE(*x);"
				     "int r2 = READ_ONCE(*y); rcu_read_unlock();" },
			  "exists (1:r1=0 /\\ 1:r2=1)"),
		  "Never");
	EXPECT_EQ(verdict({ updater, "int r1 = READ_ONCE(*y); rcu_read_lock();"
				     "int r2 = READ_ONCE(*x); rcu_read_unlock();" },
			  "exists (1:r1=1 /\\ 1:r2=1)"),
		  "Sometimes");
	EXPECT_EQ(verdict({ updater, "rcu_read_lock(); rcu_read_lock(); rcu_read_unlock();"
				     "int r1 = READ_ONCE(*x); int r2 = READ_ONCE(*y);"
				     "rcu_read_unlock();" },
			  "exists (1:r1=0 /\\ 1:r2=1)"),
		  "Never");
	EXPECT_EQ(verdict({ updater, "rcu_read_lock(); int r1 = READ_ONCE(*x); rcu_read_unlock();"
				     "int r2 = READ_ONCE(*y);" },
			  "exists (1:r1=0 /\\ 1:r2=1)"),
		  "Sometimes");
	EXPECT_EQ(verdict({ "rcu_read_lock(); synchronize_rcu(); rcu_read_unlock();"
			    "WRITE_ONCE(*x, 1);" },
			  "exists (x=1)"),
		  "DEADLOCK");
}

TEST(Loops, SpinAndCount)
{
	EXPECT_EQ(verdict({ "while (READ_ONCE(*x) == 0) ; int r1 = READ_ONCE(*y);",
			    "WRITE_ONCE(*y, 1); WRITE_ONCE(*x, 1);" },
			  "forall (0:r1=1)"),
		  "Always");
	EXPECT_EQ(verdict({ "int r1 = 0; do { r1 = r1 + 1; WRITE_ONCE(*x, r1); } while (r1 < 5);" },
			  "forall (x=5)"),
		  "Always");
	EXPECT_EQ(verdict({ "while (READ_ONCE(*x) == 0) ; WRITE_ONCE(*y, 1);" }, "exists (y=1)"),
		  "DEADLOCK");
	auto endless = run(shape({ "while (1) { atomic_inc(x); }" }, "exists (x=1)"));
	EXPECT_FALSE(std::get<Result>(endless).exhaustive);
}

TEST(Expressions, AreC)
{
	EXPECT_EQ(verdict({ "int r1 = (1 + 2 * 3 - 4 << 2) / 1;" }, "exists (x=0)"),
		  "t:5:31: expected ';', not '/'");
	EXPECT_EQ(verdict({ "int r1 = 1 + 2 * 3 - 4 << 2 | 1; int r2 = -8 >> 1 ^ ~0 & 5;"
			    "int r3 = 0 && READ_ONCE(*x) || !0; int r4 = 1 < 2 == 2 >= 3;" },
			  "forall (0:r1=13 /\\ 0:r2=-7 /\\ 0:r3=1 /\\ 0:r4=0)"),
		  "Always");
	EXPECT_EQ(verdict({ "int *r1 = x; *r1 = 3; int r2 = *x; int r3 = r1 == x ? 7 : 8;" },
			  "forall (0:r1=x /\\ 0:r2=3 /\\ 0:r3=7)"),
		  "Always");
	EXPECT_EQ(verdict({ "int r1 = 5; *r1 = 1;" }, "exists (x=0)"),
		  "t:5:13: an access to something that is not a location");
}

TEST(Printing, IsHerds)
{
	auto r = run(shape({ "WRITE_ONCE(*x, 1);", "int r1 = READ_ONCE(*x);" }, "exists (1:r1=1)"));
	const Result &result = std::get<Result>(r);
	EXPECT_EQ(herd_text(result), "Test shape Allowed\n"
				     "States 2\n"
				     "1:r1=0; [s]=0; [x]=1; [y]=0; [z]=0;\n"
				     "1:r1=1; [s]=0; [x]=1; [y]=0; [z]=0;\n"
				     "Ok\n"
				     "Witnesses\n"
				     "Positive: 1 Negative: 1\n"
				     "Condition exists (1:r1=1)\n"
				     "Observation shape Sometimes 1 1\n");
	EXPECT_EQ(json_line(result),
		  "{\"file\":\"t\",\"memory\":\"sc\",\"verdict\":\"Sometimes\",\"positive\":1,"
		  "\"negative\":1,\"states\":[\"1:r1=0; [s]=0; [x]=1; [y]=0; [z]=0;\","
		  "\"1:r1=1; [s]=0; [x]=1; [y]=0; [z]=0;\"],\"runs\":2,\"exhaustive\":true}");
}

TEST(Printing, Quotes)
{
	Result r{ .file = "a\"\\\n" };
	EXPECT_NE(json_line(r).find("{\"file\":\"a\\\"\\\\\\u000a\","), std::string::npos);
}

/// Always the CPU with the highest number.
class Last final : public Sampler
{
	void begin(std::uint64_t, unsigned) override {}
	std::uint32_t next_question(const machine::Cpu &cpu) override
	{
		return cpu.activity.count + 1;
	}
	machine::Choice before_access(const machine::Cpu &cpu, const machine::Access &,
				      machine::CpuSet movable) override
	{
		const unsigned last = std::bit_width(movable) - 1;
		if (movable == 0 || last < cpu.index)
			return {};
		return { .kind = machine::Choice::run, .cpu = last };
	}
	unsigned next_cpu(const machine::Cpu &, machine::CpuSet movable) override
	{
		return std::bit_width(movable) - 1;
	}
	std::uint32_t hold_back(const machine::Cpu &) override { return 0; }
	unsigned pick(const machine::Cpu &, unsigned) override { return 0; }
};

TEST(Sampled, TheSamplerDecides)
{
	Last sampler;
	auto r = run(shape({ "WRITE_ONCE(*x, 1); int r1 = READ_ONCE(*y);",
			     "WRITE_ONCE(*y, 1); int r1 = READ_ONCE(*x);" },
			   "exists (0:r1=1 /\\ 1:r1=1)"),
		     { .sampler = &sampler, .max_runs = 7 });
	const Result &result = std::get<Result>(r);
	EXPECT_EQ(result.runs, 7u);
	EXPECT_FALSE(result.exhaustive);
	ASSERT_EQ(result.states.size(), 1u);
	EXPECT_TRUE(result.states[0].text.starts_with("0:r1=1; 1:r1=0;"));
}

TEST(Exhaustive, StopsAtTheBudget)
{
	const char *body = "WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1); int r1 = READ_ONCE(*x);";
	auto r = run(shape({ body, body, body }, "exists (x=1)"), { .max_runs = 10 });
	EXPECT_EQ(std::get<Result>(r).runs, 10u);
	EXPECT_FALSE(std::get<Result>(r).exhaustive);
}

} // namespace
} // namespace lazymm::litmus
