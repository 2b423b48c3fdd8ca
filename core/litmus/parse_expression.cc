// SPDX-License-Identifier: MIT
// The expressions of a thread, calls of primitives among them. Precedences are C's.
#include <algorithm>

#include "core/litmus/parser_state.h"

namespace lazymm::litmus
{

namespace
{
struct Binary {
	std::string_view sign;
	Expr::Op op;
	unsigned precedence;
};

constexpr Binary kBinary[] = {
	{ "||", Expr::logic_or, 1 }, { "&&", Expr::logic_and, 2 }, { "|", Expr::bit_or, 3 },
	{ "^", Expr::bit_xor, 4 },   { "&", Expr::bit_and, 5 },	   { "==", Expr::eq, 6 },
	{ "!=", Expr::ne, 6 },	     { "<", Expr::lt, 7 },	   { "<=", Expr::le, 7 },
	{ ">", Expr::gt, 7 },	     { ">=", Expr::ge, 7 },	   { "<<", Expr::shl, 8 },
	{ ">>", Expr::shr, 8 },	     { "+", Expr::add, 9 },	   { "-", Expr::sub, 9 },
	{ "*", Expr::mul, 10 },
};
} // namespace

ExprId Parser::add(Expr expr)
{
	unsigned height = 0;
	for (unsigned i = 0; i < expr.operand_count; i++)
		height = std::max(height, heights_[expr.operands[i]] + 1);
	if (height >= kMaxDepth)
		fail(expr.at, "nested too deeply (" + std::to_string(kMaxDepth) + ")");
	heights_.push_back(height);
	test_.expressions.push_back(std::move(expr));
	return test_.expressions.size() - 1;
}

ExprId Parser::unary(Expr::Kind kind, ExprId operand, Position at)
{
	return add({ .kind = kind, .operands = { operand }, .operand_count = 1, .at = at });
}

ExprId Parser::binary(Expr::Op op, ExprId a, ExprId b, Position at)
{
	return add({ .kind = Expr::binary,
		     .op = op,
		     .operands = { a, b },
		     .operand_count = 2,
		     .at = at });
}

ExprId Parser::parse_expression()
{
	Level level(*this);
	ExprId left = parse_binary(1);
	Position at = lexer_.peek().at;
	if (!accept("?"))
		return left;
	ExprId yes = parse_expression();
	expect(":");
	ExprId no = parse_expression();
	return add({ .kind = Expr::ternary,
		     .operands = { left, yes, no },
		     .operand_count = 3,
		     .at = at });
}

ExprId Parser::parse_binary(unsigned precedence)
{
	ExprId left = parse_unary();
	for (;;) {
		auto op =
			std::find_if(std::begin(kBinary), std::end(kBinary), [&](const Binary &b) {
				return b.precedence >= precedence && peeks(b.sign);
			});
		if (op == std::end(kBinary))
			return left;
		Position at = lexer_.take().at;
		left = binary(op->op, left, parse_binary(op->precedence + 1), at);
	}
}

/// At a parenthesis: whether a type follows.
bool Parser::at_cast()
{
	if (!peeks("("))
		return false;
	Lexer ahead = lexer_;
	ahead.take();
	return ahead.peek().kind == Token::identifier && is_type_word(ahead.peek().text);
}

ExprId Parser::parse_unary()
{
	Level level(*this);
	Position at = lexer_.peek().at;
	if (at_cast()) { // words are 64 bits, whatever they are called
		lexer_.take();
		parse_type();
		expect(")");
		return parse_unary();
	}
	if (accept("*"))
		return unary(Expr::deref, parse_unary(), at);
	if (accept("-"))
		return unary(Expr::negate, parse_unary(), at);
	if (accept("!"))
		return unary(Expr::logic_not, parse_unary(), at);
	if (accept("~"))
		return unary(Expr::bit_not, parse_unary(), at);
	if (accept("+"))
		return parse_unary();
	if (accept("&")) {
		Expr inner = test_.expressions[parse_unary()];
		if (inner.kind != Expr::deref)
			fail(at, "'&' of anything but *pointer is not covered");
		return inner.operands[0];
	}
	return parse_primary();
}

ExprId Parser::parse_primary()
{
	const Token &token = lexer_.peek();
	if (token.kind == Token::number) {
		Token number = lexer_.take();
		return add({ .kind = Expr::number, .value = number.value, .at = number.at });
	}
	if (token.kind == Token::identifier)
		return parse_name();
	if (accept("(")) {
		ExprId inner = parse_expression();
		expect(")");
		return inner;
	}
	fail_at(token, "expected an expression");
}

ExprId Parser::parse_name()
{
	Token name = lexer_.take();
	if (is_type_word(name.text) || is_one_of(name.text, kUncovered))
		fail(name.at, "'" + std::string(name.text) + "' is not covered here");
	if (peeks("("))
		return parse_call(name);
	if (peeks("->") || peeks(".") || peeks("[") || peeks("++") || peeks("--"))
		fail_at(lexer_.peek(), "expected an operator that is covered");
	if (is_one_of(name.text, thread_->parameters))
		return add({ .kind = Expr::address, .index = location(name), .at = name.at });
	for (const Register &r : thread_->registers)
		if (r.name == name.text)
			return add(
				{ .kind = Expr::reg, .index = reg(*thread_, name), .at = name.at });
	for (const SharedVariable &l : test_.locations)
		if (l.name == name.text)
			fail(name.at, "'" + l.name + "' is not a parameter of this thread");
	return add({ .kind = Expr::reg, .index = reg(*thread_, name), .at = name.at });
}

ExprId Parser::parse_call(const Token &name)
{
	auto primitive = find_primitive(name.text);
	if (!primitive)
		fail(name.at, std::string(name.text.substr(0, 40)) + "() is not covered");
	Expr call{ .kind = Expr::call, .primitive = *primitive, .at = name.at };
	expect("(");
	while (!peeks(")")) {
		if (call.operand_count == primitive->arguments)
			break;
		if (call.operand_count)
			expect(",");
		call.operands[call.operand_count++] = parse_expression();
	}
	if (call.operand_count != primitive->arguments || !peeks(")"))
		fail_at(lexer_.peek(), std::string(name.text) + "() takes " +
					       std::to_string(primitive->arguments) +
					       " arguments: expected ')'");
	lexer_.take();
	if (primitive->lvalue) {
		ExprId &pointer = call.operands[primitive->pointer];
		Expr target = test_.expressions[pointer];
		if (target.kind != Expr::deref)
			fail(target.at, std::string(name.text) + "() of anything but *pointer is "
								 "not covered");
		pointer = target.operands[0];
	}
	return add(call);
}

} // namespace lazymm::litmus
