// SPDX-License-Identifier: MIT
// A litmus test as it is written: the parsed form, plain values. What it means is program.h's.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/litmus/primitive.h"

namespace lazymm::litmus
{

/// A place in the source, from 1.
struct Position {
	unsigned line = 1;
	unsigned column = 1;
};

/// Why a text is no test that can be judged.
struct Error {
	std::string file;
	Position at;
	std::string what;

	/// file:line:column: what
	std::string text() const;
};

/// An index into Test::expressions.
using ExprId = std::uint32_t;

struct Expr {
	enum Kind : std::uint8_t {
		number,	   ///< value
		address,   ///< of Test::locations[index]
		reg,	   ///< Thread::registers[index]
		deref,	   ///< *operands[0]: a plain load where a value is wanted
		negate,	   ///< -a
		logic_not, ///< !a
		bit_not,   ///< ~a
		binary,	   ///< operands[0] op operands[1]
		ternary,   ///< operands[0] ? operands[1] : operands[2]
		call,	   ///< a primitive of the kernel
	} kind = number;
	enum Op : std::uint8_t {
		add,
		sub,
		mul,
		bit_and,
		bit_or,
		bit_xor,
		shl,
		shr,
		eq,
		ne,
		lt,
		le,
		gt,
		ge,
		logic_and,
		logic_or
	} op = add;
	std::uint32_t index = 0;
	std::int64_t value = 0;
	Primitive primitive;
	/// Of a call: as the macro is written, so that the first is an lvalue in READ_ONCE(*x) and
	/// an address in smp_load_acquire(x).
	ExprId operands[3] = {};
	std::uint8_t operand_count = 0;
	Position at;
};

struct Statement {
	enum Kind : std::uint8_t {
		evaluate, ///< expr, for what it does
		assign,	  ///< register `target` = expr
		store,	  ///< *lvalue = expr: a plain store
		branch,	  ///< if (expr) body else otherwise
		loop,	  ///< while (expr) body
		do_loop,  ///< do body while (expr)
	} kind = evaluate;
	std::uint32_t target = 0;
	ExprId lvalue = 0;
	ExprId expr = 0;
	std::vector<Statement> body;
	std::vector<Statement> otherwise;
	Position at;
};

/// A number, or the address of a location.
struct Value {
	bool is_address = false;
	std::uint32_t location = 0;
	std::int64_t number = 0;
};

struct SharedVariable {
	std::string name;
	Value initial;
	bool parameter = false; ///< of some thread
	bool opaque = false;	///< spinlock_t, or a struct
};

struct Register {
	std::string name;
	Value initial;
	/// Assigned to; but for the first value that comes with a pointer's declaration.
	bool assigned = false;
};

struct Thread {
	std::vector<std::string> parameters;
	std::vector<Register> registers;
	std::vector<Statement> body;
};

/// What a condition speaks of.
struct Term {
	enum Kind : std::uint8_t { value, reg, memory } kind = value;
	Value constant;
	std::uint32_t thread = 0;
	std::uint32_t index = 0; ///< of the register or the location
};

struct Condition {
	enum Kind : std::uint8_t { yes, no, equal, unequal, conjunction, disjunction, negation };
	struct Node {
		Kind kind = yes;
		Term left, right;
		std::uint32_t first = 0, second = 0; ///< nodes
	};
	std::vector<Node> nodes; ///< children before parents; the last is the whole
	std::string text;	 ///< as written, blanks folded
};

enum class Quantifier : std::uint8_t { exists, not_exists, forall };

struct Test {
	std::string file;
	std::string name;
	std::vector<SharedVariable> locations;
	std::vector<Thread> threads;
	std::vector<Expr> expressions;
	std::vector<Term> shown; ///< `locations [...]`
	bool has_filter = false;
	Condition filter;
	Quantifier quantifier = Quantifier::exists;
	Condition condition;
};

} // namespace lazymm::litmus
