// SPDX-License-Identifier: MIT
// The statements of a thread: declarations, assignments, if, while.
#include <algorithm>

#include "core/litmus/parser_state.h"

namespace lazymm::litmus
{

namespace
{
constexpr std::string_view kTypeWords[] = {
	"int",	    "long",  "short",  "char",	"unsigned", "signed", "void",
	"volatile", "const", "struct", "_Bool", "bool",	    "u8",     "u16",
	"u32",	    "u64",   "s8",     "s16",	"s32",	    "s64",
};

} // namespace

bool is_type_word(std::string_view word)
{
	return is_one_of(word, kTypeWords) || word.ends_with("_t");
}

std::uint32_t Parser::reg(Thread &thread, const Token &name)
{
	for (std::uint32_t i = 0; i < thread.registers.size(); i++)
		if (thread.registers[i].name == name.text)
			return i;
	for (const std::string &p : thread.parameters)
		if (p == name.text)
			fail(name.at, "'" + p + "' is a parameter, not a register");
	if (thread.registers.size() == kMaxRegisters)
		fail(name.at, "more than " + std::to_string(kMaxRegisters) + " registers");
	thread.registers.push_back({ .name = std::string(name.text) });
	return thread.registers.size() - 1;
}

Parser::Type Parser::parse_type()
{
	Type type;
	while (lexer_.peek().kind == Token::identifier && is_type_word(lexer_.peek().text)) {
		Token word = lexer_.take();
		type.seen = true;
		type.opaque |= word.text == "struct" || word.text.ends_with("spinlock_t");
		if (word.text == "struct")
			expect_identifier("the name of a struct");
	}
	while (accept("*")) {
		type.stars++;
		while (accept("const") || accept("volatile"))
			;
	}
	return type;
}

/// Behind {, past }.
void Parser::parse_block(std::vector<Statement> &out)
{
	std::size_t outside = visible_.size();
	while (!accept("}"))
		parse_statement(out);
	visible_.resize(outside);
}

void Parser::parse_statement(std::vector<Statement> &out)
{
	Level level(*this);
	const Token &token = lexer_.peek();
	if (accept(";"))
		return;
	if (accept("{"))
		return parse_block(out);
	if (token.kind == Token::identifier) {
		if (is_type_word(token.text))
			return parse_declaration(out);
		if (token.text == "if")
			return parse_branch(out);
		if (token.text == "while")
			return parse_loop(out);
		if (token.text == "do")
			return parse_do(out);
		if (is_one_of(token.text, kUncovered))
			fail(token.at, "'" + std::string(token.text) + "' is not covered");
	}
	parse_simple(out);
	expect(";");
}

void Parser::parse_declaration(std::vector<Statement> &out)
{
	Position at = lexer_.peek().at;
	Type type = parse_type();
	do {
		while (accept("*"))
			type.stars++;
		Token name = expect_identifier("a name");
		std::uint32_t r = reg(*thread_, name);
		if (is_one_of(r, visible_))
			fail(name.at, "'" + std::string(name.text) + "' is declared twice");
		visible_.push_back(r);
		if (peeks("["))
			fail_at(lexer_.peek(), "an array is not covered: expected ';'");
		if (accept("=")) {
			thread_->registers[r].assigned |= type.stars == 0;
			out.push_back({ .kind = Statement::assign,
					.target = r,
					.expr = parse_expression(),
					.at = at });
		}
		type.stars = 0;
	} while (accept(","));
	expect(";");
}

void Parser::parse_branch(std::vector<Statement> &out)
{
	Statement s{ .kind = Statement::branch, .at = lexer_.take().at };
	expect("(");
	s.expr = parse_expression();
	expect(")");
	parse_statement(s.body);
	if (accept("else"))
		parse_statement(s.otherwise);
	out.push_back(std::move(s));
}

void Parser::parse_loop(std::vector<Statement> &out)
{
	Statement s{ .kind = Statement::loop, .at = lexer_.take().at };
	expect("(");
	s.expr = parse_expression();
	expect(")");
	parse_statement(s.body);
	out.push_back(std::move(s));
}

void Parser::parse_do(std::vector<Statement> &out)
{
	Statement s{ .kind = Statement::do_loop, .at = lexer_.take().at };
	parse_statement(s.body);
	expect("while");
	expect("(");
	s.expr = parse_expression();
	expect(")");
	expect(";");
	out.push_back(std::move(s));
}

/// An expression, or an assignment to a register or through a pointer.
void Parser::parse_simple(std::vector<Statement> &out)
{
	Statement s{ .at = lexer_.peek().at };
	ExprId left = parse_expression();
	if (!peeks("=")) {
		s.expr = left;
		out.push_back(std::move(s));
		return;
	}
	lexer_.take();
	s.expr = parse_expression();
	const Expr &target = test_.expressions[left];
	if (target.kind == Expr::reg) {
		s.kind = Statement::assign;
		s.target = target.index;
		thread_->registers[s.target].assigned = true;
	} else if (target.kind == Expr::deref) {
		s.kind = Statement::store;
		s.lvalue = left;
	} else {
		fail(s.at, "only a register or *pointer can be assigned to");
	}
	out.push_back(std::move(s));
}

} // namespace lazymm::litmus
