// SPDX-License-Identifier: MIT
#include "core/litmus/parser.h"

#include <string>

#include <gtest/gtest.h>

namespace lazymm::litmus
{
namespace
{

/// The error's text, or "" if it parses.
std::string error_of(std::string_view text)
{
	auto parsed = parse(text, "t");
	auto *error = std::get_if<Error>(&parsed);
	return error ? error->text() : "";
}

/// A test whose first thread is `body`, which begins in line 3.
std::string with_body(std::string body)
{
	return "C t\n{ }\n" + body + "\nexists (x=0)\n";
}

std::string error_in(std::string statements)
{
	return error_of(with_body("P0(int *x, int *y) { " + statements + " }"));
}

TEST(Parser, ReadsATest)
{
	auto parsed = parse(R"(C MP+wmb
"free text" (* a comment (* in a comment *) { *)
{
	int x = 1; // the data
	int *p = &x; y=-2;
	0:r9 = x;
	atomic_t a = ATOMIC_INIT(3);
}

P0(int *x, volatile int **p, spinlock_t *l)
{
	int r1 = 0x10, *r2; /* two */
	(*x) = r1;
	r2 = (int *)READ_ONCE(*p);
	if (r2 == x && !r1)
		WRITE_ONCE(*r2, r1 ? 1 : 2);
	else if (r1) { smp_wmb(); }
	do { r1 = r1 - 1; } while (r1);
}

P1(void) { }

locations [0:r1; x; [y]]
filter (~0:r1=5)
~exists (0:r2=x /\ (x=1 \/ x!=-1) (* why *) /\ [a]=0:r1);
)",
			    "t");
	ASSERT_TRUE(std::holds_alternative<litmus::Test>(parsed)) << std::get<Error>(parsed).text();
	const litmus::Test &t = std::get<litmus::Test>(parsed);
	EXPECT_EQ(t.name, "MP+wmb");
	ASSERT_EQ(t.threads.size(), 2u);
	EXPECT_EQ(t.threads[0].parameters, (std::vector<std::string>{ "x", "p", "l" }));
	EXPECT_EQ(t.threads[0].registers[0].name, "r9");
	EXPECT_TRUE(t.threads[0].registers[0].initial.is_address);
	ASSERT_EQ(t.locations.size(), 5u);
	EXPECT_EQ(t.locations[0].initial.number, 1);
	EXPECT_TRUE(t.locations[1].initial.is_address);
	EXPECT_EQ(t.locations[2].initial.number, -2);
	EXPECT_EQ(t.locations[3].initial.number, 3);
	EXPECT_TRUE(t.locations[4].opaque);
	EXPECT_EQ(t.shown.size(), 3u);
	EXPECT_TRUE(t.has_filter);
	EXPECT_EQ(t.quantifier, Quantifier::not_exists);
	EXPECT_EQ(t.threads[0].body.size(), 5u);
}

TEST(Parser, ErrorsSayWhere)
{
	EXPECT_EQ(error_of(""), "t:1:1: not a C litmus test: expected 'C' and a name");
	EXPECT_EQ(error_of("PPC SB\n{ }\n"), "t:1:1: not a C litmus test: expected 'C' and a name");
	EXPECT_EQ(error_of("C SB\n"),
		  "t:2:1: expected '{' of the initial state, not the end of the file");
	EXPECT_EQ(error_of("C SB\n{ }\nexists (x=0)\n"),
		  "t:3:1: expected thread 'P0', not 'exists'");
	EXPECT_EQ(error_in("for (;;) ;"), "t:3:22: 'for' is not covered");
	EXPECT_EQ(error_in("call_rcu(x);"), "t:3:22: call_rcu() is not covered");
	EXPECT_EQ(error_in("r1 = READ_ONCE(x);"),
		  "t:3:37: READ_ONCE() of anything but *pointer is not covered");
	EXPECT_EQ(error_in("WRITE_ONCE(*x);"),
		  "t:3:35: WRITE_ONCE() takes 2 arguments: expected ')', not ')'");
	EXPECT_EQ(error_in("r1 = x[1];"), "t:3:28: expected an operator that is covered, not '['");
	EXPECT_EQ(error_in("x = 1;"), "t:3:22: only a register or *pointer can be assigned to");
	EXPECT_EQ(error_in("int r1; int r1;"), "t:3:34: 'r1' is declared twice");
	EXPECT_EQ(error_in("r1 = 09;"), "t:3:27: not a number");
	EXPECT_EQ(error_in("r1 = 1 @ 2;"), "t:3:29: expected ';', not '@'");
	EXPECT_EQ(error_in("/* open"), "t:3:22: a comment without an end");
	EXPECT_EQ(error_of(with_body("P0(int x) { }")),
		  "t:3:4: a parameter that is not a pointer is not covered");
	EXPECT_EQ(error_of(with_body("P1(int *x) { }")), "t:3:1: expected thread 'P0', not 'P1'");
	EXPECT_EQ(error_of("C t\n{ }\nP0(int *x) { }\nexists (3:r1=0)\n"), "t:4:9: no thread P3");
	EXPECT_EQ(error_of("C t\n{ }\nP0(int *x) { }\nexists (x=0) x\n"),
		  "t:4:14: expected the end of the file, not 'x'");
	EXPECT_EQ(error_of("C t\n{ z=1; }\nP0(int *x) { r1 = z; }\nexists (x=0)\n"),
		  "t:3:19: 'z' is not a parameter of this thread");
}

TEST(Parser, WhatIsPrintedIsPrintable)
{
	EXPECT_EQ(error_of("C t\x1b[31m\n{ }\nP0(int *x) { }\nexists (x=0)\n"),
		  "t:1:1: the name of the test has a character that is not printable ASCII");
	const auto parsed = parse("C t\n{ }\nP0(int *x) { }\nexists (x=0 (* \x1b *) )\n", "t");
	EXPECT_EQ(std::get<litmus::Test>(parsed).condition.text, "(x=0 (* ? *) )");
}

TEST(Parser, EveryCutOfATestIsAnErrorOrATest)
{
	std::string whole = with_body("P0(int *x, int *y) { int r1 = READ_ONCE(*x); "
				      "if (r1) { smp_store_release(y, (int)1); } }");
	EXPECT_EQ(error_of(whole), "");
	for (std::size_t n = 0; n < whole.size(); n++) {
		error_of(whole.substr(0, n));
		std::string damaged = whole;
		for (char c : { '\0', '\xff', '(', '}', '*', '"' }) {
			damaged[n] = c;
			error_of(damaged);
		}
	}
}

TEST(Parser, NestingIsBounded)
{
	auto many = [](const char *s, unsigned n) {
		std::string out;
		while (n--)
			out += s;
		return out;
	};
	const unsigned n = 20000;
	for (const char *open : { "(", "!", "*", "- ", "(int)", "{", "if (1) ", "while (1) ", "do ",
				  "READ_ONCE(*", "1 ? ", "if (1) ; else " })
		EXPECT_NE(error_in(many(open, n)).find("nested too deeply"), std::string::npos)
			<< open;
	EXPECT_NE(error_in("r1 = 1" + many(" + 1", n) + ";").find("nested too deeply"),
		  std::string::npos);
	EXPECT_NE(error_of("C t\n{ }\nP0(int *x) { }\nexists " + many("(", n)), "");
	EXPECT_NE(error_of("C t\n{ }\nP0(int *x) { }\nexists " + many("~", n)), "");
	EXPECT_NE(error_of("C t\n" + many("(* ", n)), "");
	EXPECT_EQ(error_of("C t\n{ }\nP0(int *x) { }\nexists x=0" + many(" /\\ x=0", n)), "");
}

TEST(Parser, SizesAreBounded)
{
	std::string init, names;
	for (int i = 0; i < 100; i++) {
		init += "v" + std::to_string(i) + "=1; ";
		names += "P" + std::to_string(i) + "(int *x) { }\n";
	}
	EXPECT_NE(
		error_of("C t\n{ " + init + "}\nP0(int *x) { }\nexists (x=0)").find("more than 64"),
		std::string::npos);
	EXPECT_NE(error_of("C t\n{ }\n" + names + "exists (x=0)").find("more than 8 threads"),
		  std::string::npos);
	EXPECT_NE(error_of(std::string(2 << 20, ' ')).find("longer than"), std::string::npos);
}

} // namespace
} // namespace lazymm::litmus
