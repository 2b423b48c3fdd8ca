// SPDX-License-Identifier: MIT
// Test to Program.
#include <algorithm>
#include <utility>

#include "core/litmus/program.h"

namespace lazymm::litmus
{

namespace
{
constexpr std::size_t kMaxSlots = 4096;
constexpr std::size_t kMaxInstrs = 1 << 16;
constexpr std::uint32_t kMaxLoops = 16;

/// Recursion is as deep as the parser lets expressions and statements be.
class ThreadCompiler
{
public:
	ThreadCompiler(const Test &test, const Thread &thread, Program &program)
		: test_(test), program_(program)
	{
		for (const Register &r : thread.registers)
			slot(number_of(r.initial));
		code_.registers = code_.initial.size();
		statements(thread.body);
		emit({ .kind = Instr::end });
	}

	Code take() { return std::move(code_); }

private:
	[[noreturn]] void fail(const char *what) { throw Error{ test_.file, at_, what }; }

	Slot slot(std::int64_t value)
	{
		if (code_.initial.size() == kMaxSlots)
			fail("too many constants and intermediate values");
		code_.initial.push_back(value);
		return code_.initial.size() - 1;
	}

	Slot constant(std::int64_t value)
	{
		for (const auto &[known, where] : constants_)
			if (known == value)
				return where;
		Slot s = slot(value);
		constants_.emplace_back(value, s);
		return s;
	}

	std::size_t emit(Instr instr)
	{
		if (code_.instrs.size() == kMaxInstrs)
			fail("too many instructions");
		instr.at = at_;
		code_.instrs.push_back(instr);
		return code_.instrs.size() - 1;
	}

	/// The jump at `from` goes to what is emitted next.
	void land(std::size_t from) { code_.instrs[from].target = code_.instrs.size(); }

	Slot move(Slot dst, Slot a)
	{
		emit({ .kind = Instr::move, .dst = dst, .a = a });
		return dst;
	}

	/// What && or ?: yields: it depends on the branch that led here.
	void choose(Slot dst, Slot a)
	{
		emit({ .kind = Instr::move, .chosen = true, .dst = dst, .a = a });
	}

	void begin_scope()
	{
		emit({ .kind = Instr::scope_begin, .target = scopes_++ });
		code_.scopes = std::max(code_.scopes, scopes_);
	}
	void end_scope() { emit({ .kind = Instr::scope_end, .target = --scopes_ }); }

	void statements(const std::vector<Statement> &list)
	{
		for (const Statement &s : list)
			statement(s);
	}

	void statement(const Statement &s)
	{
		at_ = s.at;
		switch (s.kind) {
		case Statement::evaluate:
			value(s.expr);
			break;
		case Statement::assign:
			move(s.target, value(s.expr));
			break;
		case Statement::store: {
			program_.plain = true;
			Slot pointer = value(test_.expressions[s.lvalue].operands[0]);
			Slot stored = value(s.expr);
			at_ = s.at;
			emit({ .kind = Instr::access,
			       .action = Action::store,
			       .a = pointer,
			       .b = stored });
			break;
		}
		case Statement::branch: {
			begin_scope();
			std::size_t no = emit({ .kind = Instr::branch_zero, .a = value(s.expr) });
			statements(s.body);
			std::size_t out = s.otherwise.empty() ? 0 : emit({ .kind = Instr::jump });
			land(no);
			statements(s.otherwise);
			if (!s.otherwise.empty())
				land(out);
			end_scope();
			break;
		}
		case Statement::loop: {
			std::uint32_t head = code_.instrs.size();
			std::size_t out = emit({ .kind = Instr::branch_zero, .a = value(s.expr) });
			statements(s.body);
			again(head);
			land(out);
			break;
		}
		case Statement::do_loop: {
			std::uint32_t head = code_.instrs.size();
			statements(s.body);
			std::size_t out = emit({ .kind = Instr::branch_zero, .a = value(s.expr) });
			again(head);
			land(out);
			break;
		}
		}
	}

	void again(std::uint32_t head)
	{
		if (code_.loops == kMaxLoops)
			fail("too many loops");
		emit({ .kind = Instr::loop, .target = head, .loop_index = code_.loops++ });
	}

	/// Where the value of the expression is, once the code that was emitted has run.
	Slot value(ExprId id)
	{
		const Expr &e = test_.expressions[id];
		at_ = e.at;
		switch (e.kind) {
		case Expr::number:
			return constant(e.value);
		case Expr::address:
			return constant(address_of(e.index));
		case Expr::reg:
			return static_cast<Slot>(e.index);
		case Expr::deref: {
			program_.plain = true;
			Slot pointer = value(e.operands[0]);
			Slot dst = slot(0);
			emit({ .kind = Instr::access,
			       .action = Action::load,
			       .returns = Returns::before,
			       .dst = dst,
			       .a = pointer });
			return dst;
		}
		case Expr::negate:
		case Expr::logic_not:
		case Expr::bit_not: {
			Slot a = value(e.operands[0]);
			Slot dst = slot(0);
			emit({ .kind = Instr::unary, .expr = e.kind, .dst = dst, .a = a });
			return dst;
		}
		case Expr::binary:
			if (e.op == Expr::logic_and || e.op == Expr::logic_or)
				return logic(e);
			return arithmetic(e);
		case Expr::ternary: {
			Slot dst = slot(0);
			begin_scope();
			std::size_t no =
				emit({ .kind = Instr::branch_zero, .a = value(e.operands[0]) });
			choose(dst, value(e.operands[1]));
			std::size_t out = emit({ .kind = Instr::jump });
			land(no);
			choose(dst, value(e.operands[2]));
			land(out);
			end_scope();
			return dst;
		}
		case Expr::call:
			return call(e);
		}
		__builtin_unreachable();
	}

	Slot arithmetic(const Expr &e)
	{
		Slot a = value(e.operands[0]);
		Slot b = value(e.operands[1]);
		return binary(e.op, a, b);
	}

	Slot binary(Expr::Op op, Slot a, Slot b)
	{
		Slot dst = slot(0);
		emit({ .kind = Instr::binary, .op = op, .dst = dst, .a = a, .b = b });
		return dst;
	}

	/// && and ||: the right side only if it decides.
	Slot logic(const Expr &e)
	{
		Slot dst = slot(0);
		Slot zero = constant(0);
		begin_scope();
		std::size_t first = emit({ .kind = Instr::branch_zero, .a = value(e.operands[0]) });
		if (e.op == Expr::logic_and) {
			Slot right = value(e.operands[1]);
			choose(dst, binary(Expr::ne, right, zero));
			std::size_t out = emit({ .kind = Instr::jump });
			land(first);
			choose(dst, zero);
			land(out);
		} else {
			choose(dst, constant(1));
			std::size_t out = emit({ .kind = Instr::jump });
			land(first);
			Slot right = value(e.operands[1]);
			choose(dst, binary(Expr::ne, right, zero));
			land(out);
		}
		end_scope();
		return dst;
	}

	Slot call(const Expr &e)
	{
		const Primitive &p = e.primitive;
		Instr i{ .kind = Instr::access,
			 .action = p.action,
			 .order = p.order,
			 .returns = p.returns,
			 .sign = p.sign };
		Slot others[2] = { constant(p.operand.value_or(0)), constant(0) };
		unsigned n = 0;
		for (unsigned k = 0; k < e.operand_count; k++) {
			Slot s = value(e.operands[k]);
			if (k == p.pointer)
				i.a = s;
			else
				others[n++] = s;
		}
		at_ = e.at;
		i.b = others[0];
		i.c = others[1];
		if (p.action == Action::compiler)
			return i.b;
		if (p.returns != Returns::nothing)
			i.dst = slot(0);
		emit(i);
		return i.dst;
	}

	const Test &test_;
	Program &program_;
	Code code_;
	std::vector<std::pair<std::int64_t, Slot>> constants_;
	std::uint32_t scopes_ = 0;
	Position at_;
};
} // namespace

std::variant<Program, Error> compile(const Test &test)
{
	Program program;
	for (const SharedVariable &l : test.locations) {
		program.names.push_back(l.name);
		program.initial.push_back(number_of(l.initial));
	}
	try {
		for (const Thread &t : test.threads)
			program.threads.push_back(ThreadCompiler(test, t, program).take());
	} catch (Error &error) {
		return std::move(error);
	}
	program.columns = columns_of(test);
	look_ahead(program);
	return program;
}

} // namespace lazymm::litmus
