// SPDX-License-Identifier: MIT
// Inside of the parser: what its files share (parser.cc the frame, parse_body.cc and
// parse_expression.cc the C of a thread, parse_condition.cc herd's conditions). An Error is thrown
// and caught in parse().
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/litmus/lexer.h"
#include "core/litmus/parser.h"

namespace lazymm::litmus
{

bool is_type_word(std::string_view word);

/// C that no test needs: an error wherever it stands.
inline constexpr std::string_view kUncovered[] = { "for",   "switch",	"goto",	  "return",
						   "break", "continue", "sizeof", "asm" };

template <class Word, class Words>
bool is_one_of(const Word &word, const Words &words)
{
	return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class Parser
{
public:
	Parser(std::string_view text, std::string_view file) : lexer_(text) { test_.file = file; }

	Test parse();

private:
	/// A C type in front of a name.
	struct Type {
		bool seen = false;
		unsigned stars = 0;
		bool opaque = false; ///< spinlock_t, or a struct
	};
	/// Counts one level of recursion while it lives.
	class Level
	{
	public:
		explicit Level(Parser &p);
		~Level() { parser_.depth_--; }

	private:
		Parser &parser_;
	};

	// parser.cc
	[[noreturn]] void fail(Position at, std::string what) const;
	[[noreturn]] void fail_at(const Token &token, std::string what) const;
	bool accept(std::string_view sign);
	void expect(std::string_view sign);
	bool peeks(std::string_view text) { return lexer_.peek().text == text; }
	Token expect_identifier(const char *what);
	std::int64_t expect_number(bool sign);
	std::uint32_t location(const Token &name);
	void parse_init();
	void parse_init_entry();
	Value parse_init_value();
	void parse_thread();
	void parse_parameter();
	void parse_shown();

	// parse_body.cc
	std::uint32_t reg(Thread &thread, const Token &name);
	Type parse_type();
	void parse_block(std::vector<Statement> &out);
	void parse_statement(std::vector<Statement> &out);
	void parse_declaration(std::vector<Statement> &out);
	void parse_branch(std::vector<Statement> &out);
	void parse_loop(std::vector<Statement> &out);
	void parse_do(std::vector<Statement> &out);
	void parse_simple(std::vector<Statement> &out);

	// parse_expression.cc
	ExprId parse_expression();
	ExprId parse_binary(unsigned precedence);
	ExprId parse_unary();
	ExprId parse_primary();
	ExprId parse_name();
	ExprId parse_call(const Token &name);
	bool at_cast();
	ExprId add(Expr expr);
	ExprId unary(Expr::Kind kind, ExprId operand, Position at);
	ExprId binary(Expr::Op op, ExprId a, ExprId b, Position at);

	// parse_condition.cc
	Condition parse_condition();
	std::uint32_t parse_disjunction(Condition &c);
	std::uint32_t parse_conjunction(Condition &c);
	std::uint32_t parse_atom(Condition &c);
	Term parse_term();
	Term parse_value();
	Term parse_register();

	Lexer lexer_;
	Test test_;
	Thread *thread_ = nullptr;
	unsigned depth_ = 0;
	std::vector<unsigned> heights_;	     ///< of Test::expressions
	std::vector<std::uint32_t> visible_; ///< registers declared here and further out
};

} // namespace lazymm::litmus
