// SPDX-License-Identifier: MIT
// Conditions: 0:r1=1 /\ (x=2 \/ ~1:r1=y).
#include "core/litmus/parser_state.h"

namespace lazymm::litmus
{

namespace
{
std::uint32_t node(Condition &c, Condition::Node n)
{
	c.nodes.push_back(n);
	return c.nodes.size() - 1;
}

/// On one line, and in ASCII: comments may have whatever they like.
std::string folded(std::string_view text)
{
	std::string out;
	for (char c : text) {
		bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
		if (!blank)
			out += c > ' ' && c < '\x7f' ? c : '?';
		else if (!out.empty() && out.back() != ' ')
			out += ' ';
	}
	while (!out.empty() && out.back() == ' ')
		out.pop_back();
	return out;
}
} // namespace

Condition Parser::parse_condition()
{
	Condition c;
	std::size_t from = lexer_.peek().offset;
	parse_disjunction(c);
	c.text = folded(lexer_.between(from, lexer_.peek().offset));
	return c;
}

std::uint32_t Parser::parse_disjunction(Condition &c)
{
	std::uint32_t left = parse_conjunction(c);
	while (accept("\\/"))
		left = node(c, { .kind = Condition::disjunction,
				 .first = left,
				 .second = parse_conjunction(c) });
	return left;
}

std::uint32_t Parser::parse_conjunction(Condition &c)
{
	std::uint32_t left = parse_atom(c);
	while (accept("/\\"))
		left = node(
			c,
			{ .kind = Condition::conjunction, .first = left, .second = parse_atom(c) });
	return left;
}

std::uint32_t Parser::parse_atom(Condition &c)
{
	Level level(*this);
	if (accept("~") || accept("not"))
		return node(c, { .kind = Condition::negation, .first = parse_atom(c) });
	if (accept("(")) {
		std::uint32_t inner = parse_disjunction(c);
		expect(")");
		return inner;
	}
	if (accept("true"))
		return node(c, { .kind = Condition::yes });
	if (accept("false"))
		return node(c, { .kind = Condition::no });
	Condition::Node equation{ .left = parse_term() };
	if (accept("!="))
		equation.kind = Condition::unequal;
	else if (accept("=") || accept("=="))
		equation.kind = Condition::equal;
	else
		fail_at(lexer_.peek(), "expected '=' or '!='");
	equation.right = parse_value();
	return node(c, equation);
}

Term Parser::parse_register()
{
	Token number = lexer_.take();
	if (number.value < 0 || static_cast<std::size_t>(number.value) >= test_.threads.size())
		fail(number.at, "no thread P" + std::string(number.text));
	expect(":");
	std::uint32_t thread = number.value;
	return { .kind = Term::reg,
		 .thread = thread,
		 .index = reg(test_.threads[thread], expect_identifier("a register")) };
}

/// A register, or the content of a location.
Term Parser::parse_term()
{
	if (lexer_.peek().kind == Token::number)
		return parse_register();
	bool bracket = accept("[");
	if (!bracket)
		accept("*");
	std::uint32_t l = location(expect_identifier("a register or a location"));
	if (bracket)
		expect("]");
	return { .kind = Term::memory, .index = l };
}

/// A number, the address of a location, or another register or [location].
Term Parser::parse_value()
{
	if (lexer_.peek().kind == Token::number) {
		Lexer here = lexer_;
		lexer_.take();
		bool is_register = peeks(":");
		lexer_ = here;
		if (is_register)
			return parse_register();
	}
	if (peeks("["))
		return parse_term();
	if (accept("&") || lexer_.peek().kind == Token::identifier) {
		std::uint32_t l = location(expect_identifier("the name of a location"));
		return { .kind = Term::value, .constant = { .is_address = true, .location = l } };
	}
	return { .kind = Term::value, .constant = { .number = expect_number(true) } };
}

} // namespace lazymm::litmus
