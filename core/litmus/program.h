// SPDX-License-Identifier: MIT
// A test made ready to run: three-address code per thread over a flat file of slots, so that a run
// needs no allocation and no recursion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/litmus/footprint.h"
#include "core/litmus/test.h"

namespace lazymm::litmus
{

/// An index into a thread's slots: its registers, then constants, then temporaries.
using Slot = std::uint16_t;

struct Instr {
	enum Kind : std::uint8_t {
		end,
		move,	///< dst = a
		unary,	///< dst = expr(a)
		binary, ///< dst = a op b
		jump,
		branch_zero, ///< if (!a) goto target
		loop,	     ///< goto target, an earlier one
		scope_begin, ///< of control dependencies: the `target`-th one from outside
		scope_end,
		access, ///< action; the location at address a, operands b and c
	} kind = end;
	Expr::Kind expr = Expr::number;
	Expr::Op op = Expr::add;
	Action action = Action::compiler;
	machine::Order order = machine::Order::relaxed;
	Returns returns = Returns::nothing;
	std::int8_t sign = 1;
	bool chosen = false; ///< of a move: which one it is depends on a branch
	Slot dst = 0, a = 0, b = 0, c = 0;
	std::uint32_t target = 0; ///< of jumps; of a loop also which one it is: `loop_index`
	std::uint32_t loop_index = 0;
	Position at;
};

struct Code {
	std::vector<Instr> instrs;
	std::vector<std::int64_t> initial; ///< slots
	std::vector<Footprint> future; ///< per instruction: what the thread may still do from it
	/// Per instruction: bit k = the k-th access from it (from 0) may be a load, and nothing up
	/// to there drains a store buffer. What a store that is held back can be seen to pass.
	std::vector<std::uint8_t> ahead;
	Slot registers = 0; ///< how many of the slots are registers
	std::uint32_t loops = 0;
	std::uint32_t scopes = 0; ///< how deep scopes nest
};

/// What a final state shows, in herd's order: registers by thread and name, then locations by name.
struct Column {
	std::string label; ///< 0:r1 or [x]
	bool is_register = false;
	std::uint32_t thread = 0;
	std::uint32_t index = 0;
};

struct Program {
	std::vector<std::string> names; ///< of locations
	std::vector<std::int64_t> initial;
	std::vector<Code> threads;
	std::vector<Column> columns;
	bool plain = false; ///< some access is plain
};

/// Addresses are far from the numbers that tests use.
inline constexpr std::int64_t kAddressBase = std::int64_t{ 1 } << 40;
inline constexpr unsigned kAddressShift = 16;

constexpr std::int64_t address_of(std::uint32_t location)
{
	return kAddressBase + (static_cast<std::int64_t>(location) << kAddressShift);
}

/// The location at that address, or nothing.
constexpr std::optional<std::uint32_t> location_at(std::int64_t value, std::size_t locations)
{
	std::uint64_t offset = static_cast<std::uint64_t>(value - kAddressBase);
	if (offset >> kAddressShift >= locations || offset & ((1u << kAddressShift) - 1))
		return {};
	return static_cast<std::uint32_t>(offset >> kAddressShift);
}

constexpr std::int64_t number_of(const Value &v)
{
	return v.is_address ? address_of(v.location) : v.number;
}

/// The value of a register or a variable as herd prints it.
std::string to_string(std::int64_t value, const std::vector<std::string> &names);

/// What herd's states show: what is written in `locations` and conditions, and besides every
/// register that is assigned to and every parameter that is no lock.
std::vector<Column> columns_of(const Test &test);

/// Compiles. Errors: what is too large, or makes no sense although it parses.
std::variant<Program, Error> compile(const Test &test);

/// Whether the access empties a TSO store buffer.
bool drains(const Instr &instr);

/// Fills Code::future and Code::ahead. O(instructions * nesting of loops).
void look_ahead(Program &program);
/// What an access to `location` (nothing: to any) touches.
Footprint footprint(const Instr &instr, std::optional<std::uint32_t> location);

} // namespace lazymm::litmus
