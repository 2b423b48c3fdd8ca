// SPDX-License-Identifier: MIT
// The C of a thread: declarations, assignments, if, while, calls of primitives.
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
constexpr std::string_view kUncovered[] = { "for",   "switch",	 "goto",   "return",
					    "break", "continue", "sizeof", "asm" };

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

template <class Word, class Words>
bool is_one_of(const Word &word, const Words &words)
{
	return std::find(std::begin(words), std::end(words), word) != std::end(words);
}
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
