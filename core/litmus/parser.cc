// SPDX-License-Identifier: MIT
// The frame of a test: name, initial state, heads of threads, what stands behind them.
#include "core/litmus/parser.h"

#include <utility>

#include "core/litmus/parser_state.h"
#include "core/machine/clock.h"

namespace lazymm::litmus
{

std::variant<Test, Error> parse(std::string_view text, std::string_view file)
{
	try {
		if (text.size() > kMaxText)
			return Error{ std::string(file), {}, "longer than a litmus test (1 MiB)" };
		return Parser(text, file).parse();
	} catch (Error &error) {
		error.file = file;
		return std::move(error);
	}
}

void Parser::fail(Position at, std::string what) const
{
	throw Error{ {}, at, std::move(what) };
}

/// `what`, but for a word that the lexer could not read.
void Parser::fail_at(const Token &token, std::string what) const
{
	if (token.kind == Token::bad)
		fail(token.at, token.wrong);
	constexpr std::size_t kShown = 40;
	what += token.kind == Token::end
			? ", not the end of the file"
			: ", not '" + std::string(token.text.substr(0, kShown)) + "'";
	fail(token.at, std::move(what));
}

Parser::Level::Level(Parser &p) : parser_(p)
{
	if (p.depth_ >= kMaxDepth)
		p.fail(p.lexer_.peek().at, "nested too deeply (" + std::to_string(kMaxDepth) + ")");
	p.depth_++;
}

bool Parser::accept(std::string_view sign)
{
	if (!peeks(sign))
		return false;
	lexer_.take();
	return true;
}

void Parser::expect(std::string_view sign)
{
	if (!accept(sign))
		fail_at(lexer_.peek(), "expected '" + std::string(sign) + "'");
}

Token Parser::expect_identifier(const char *what)
{
	if (lexer_.peek().kind != Token::identifier)
		fail_at(lexer_.peek(), std::string("expected ") + what);
	return lexer_.take();
}

std::int64_t Parser::expect_number(bool sign)
{
	bool minus = sign && accept("-");
	if (lexer_.peek().kind != Token::number)
		fail_at(lexer_.peek(), "expected a number");
	std::int64_t n = lexer_.take().value;
	return minus ? -n : n;
}

/// A name that stands for a location makes it, as it does for herd: its first value is zero.
std::uint32_t Parser::location(const Token &name)
{
	for (std::uint32_t i = 0; i < test_.locations.size(); i++)
		if (test_.locations[i].name == name.text)
			return i;
	if (test_.locations.size() == kMaxLocations)
		fail(name.at, "more than " + std::to_string(kMaxLocations) + " locations");
	test_.locations.push_back({ .name = std::string(name.text) });
	return test_.locations.size() - 1;
}

Test Parser::parse()
{
	if (lexer_.peek().kind != Token::identifier || lexer_.take().text != "C")
		fail({}, "not a C litmus test: expected 'C' and a name");
	std::string_view name = lexer_.take_line();
	name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
	test_.name = name.substr(0, name.find_first_of(" \t\r"));
	if (test_.name.empty())
		fail({}, "the test has no name");
	if (!std::all_of(test_.name.begin(), test_.name.end(),
			 [](char c) { return c > ' ' && c < '\x7f'; }))
		fail({}, "the name of the test has a character that is not printable ASCII");
	if (!lexer_.skip_to_brace())
		fail_at(lexer_.peek(), "expected '{' of the initial state");
	expect("{");
	parse_init();

	// Registers that the initial state names belong to threads that are yet to come.
	std::size_t threads = 0;
	while (lexer_.peek().text.starts_with('P') || peeks("void")) {
		accept("void");
		std::string expected = "P" + std::to_string(threads);
		if (!accept(expected))
			fail_at(lexer_.peek(), "expected thread '" + expected + "'");
		if (threads == machine::kMaxCpus)
			fail_at(lexer_.peek(),
				"more than " + std::to_string(machine::kMaxCpus) + " threads");
		if (test_.threads.size() == threads)
			test_.threads.emplace_back();
		thread_ = &test_.threads[threads++];
		parse_thread();
	}
	if (threads < std::max<std::size_t>(test_.threads.size(), 1))
		fail_at(lexer_.peek(), "expected thread 'P" + std::to_string(threads) + "'");

	for (;;) {
		if (accept("locations")) {
			parse_shown();
		} else if (accept("filter")) {
			test_.has_filter = true;
			test_.filter = parse_condition();
		} else {
			break;
		}
	}
	if (accept("~")) {
		test_.quantifier = Quantifier::not_exists;
		expect("exists");
	} else if (accept("forall")) {
		test_.quantifier = Quantifier::forall;
	} else {
		expect("exists");
	}
	test_.condition = parse_condition();
	accept(";");
	if (lexer_.peek().kind != Token::end)
		fail_at(lexer_.peek(), "expected the end of the file");
	return std::move(test_);
}

void Parser::parse_init()
{
	while (!accept("}")) {
		if (accept(";"))
			continue;
		parse_init_entry();
		if (!peeks("}") && !peeks(";"))
			fail_at(lexer_.peek(), "expected ';' in the initial state");
	}
}

/// [type] [*] name [= value], or [type] thread:register [= value].
void Parser::parse_init_entry()
{
	bool opaque = false;
	for (;;) {
		if (accept("*"))
			continue;
		if (lexer_.peek().kind != Token::identifier)
			break;
		Lexer here = lexer_;
		Token word = lexer_.take();
		const Token &next = lexer_.peek();
		if (next.kind != Token::identifier && next.kind != Token::number &&
		    next.text != "*") {
			lexer_ = here;
			break;
		}
		opaque |= word.text.ends_with("spinlock_t");
	}
	Value *value;
	if (lexer_.peek().kind == Token::number) {
		Token number = lexer_.take();
		if (number.value < 0 || number.value >= machine::kMaxCpus)
			fail(number.at, "no such thread");
		expect(":");
		if (test_.threads.size() <= static_cast<std::size_t>(number.value))
			test_.threads.resize(number.value + 1);
		Thread &thread = test_.threads[number.value];
		std::uint32_t r = reg(thread, expect_identifier("a register"));
		value = &thread.registers[r].initial;
	} else {
		bool bracket = accept("[");
		std::uint32_t l = location(expect_identifier("a name in the initial state"));
		if (bracket)
			expect("]");
		test_.locations[l].opaque |= opaque;
		if (accept("=")) {
			Value v = parse_init_value(); // may add locations
			test_.locations[l].initial = v;
		}
		return;
	}
	if (accept("="))
		*value = parse_init_value();
}

Value Parser::parse_init_value()
{
	if (accept("&") || lexer_.peek().kind == Token::identifier) {
		Token name = expect_identifier("the name of a location");
		if (name.text == "ATOMIC_INIT") {
			expect("(");
			Value v{ .number = expect_number(true) };
			expect(")");
			return v;
		}
		if (name.text == "__SPIN_LOCK_UNLOCKED") {
			expect("(");
			expect_identifier("a lock");
			expect(")");
			return {};
		}
		return { .is_address = true, .location = location(name) };
	}
	return { .number = expect_number(true) };
}

void Parser::parse_thread()
{
	expect("(");
	lexer_.set_language(Lexer::Language::c);
	if (!accept("void") && !peeks(")"))
		do
			parse_parameter();
		while (accept(","));
	expect(")");
	expect("{");
	visible_.clear();
	parse_block(thread_->body);
	lexer_.set_language(Lexer::Language::herd);
}

void Parser::parse_parameter()
{
	Position at = lexer_.peek().at;
	Type type = parse_type();
	Token name = expect_identifier("a parameter");
	if (!type.seen || !type.stars)
		fail(at, "a parameter that is not a pointer is not covered");
	for (const Register &r : thread_->registers)
		if (r.name == name.text)
			fail(name.at, "'" + r.name + "' is a register and a parameter");
	SharedVariable &l = test_.locations[location(name)];
	l.parameter = true;
	l.opaque |= type.opaque;
	thread_->parameters.emplace_back(name.text);
}

/// locations [0:r1; x; y;]
void Parser::parse_shown()
{
	expect("[");
	while (!accept("]")) {
		if (accept(";"))
			continue;
		test_.shown.push_back(parse_term());
	}
}

} // namespace lazymm::litmus
