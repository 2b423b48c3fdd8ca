// SPDX-License-Identifier: MIT
// From names to values, for whatever reads what people write: the text format and the command line.
#pragma once

#include "core/schedule/schedule.h"

#include <optional>
#include <span>
#include <string_view>

namespace lazymm::schedule
{

/// "sc", "tso", "weak".
const char *name(Memory memory);
/// "scheme", "h1", "h3".
const char *name(Hotplug hotplug);
/// "scheme", "generic", "x86", ...
const char *name(Arch arch);
/// "pool", "heap".
const char *name(MmMemory mm);

/// What a decision's argument is: nothing (irq, preempt), a CPU (run), or a number.
enum class ArgKind : std::uint8_t { none, cpu, number };
ArgKind arg_kind(DecisionKind kind);

/// Look a name up, exactly as `name()` and `info().name` spell it. Nothing if there is none.
std::optional<OpKind> find_op(std::string_view name);
std::optional<DecisionKind> find_decision(std::string_view name);
std::optional<Strategy> find_strategy(std::string_view name);
std::optional<Memory> find_memory(std::string_view name);
std::optional<Hotplug> find_hotplug(std::string_view name);
std::optional<Arch> find_arch(std::string_view name);
std::optional<MmMemory> find_mm(std::string_view name);

/// Look an operand up as `operand_name()` spells it: "B" is 1, "kthread" is 8, "cpu1" is 1.
std::optional<unsigned> find_operand(OperandKind kind, std::string_view name);

/// "scheme, generic, x86, deferred, broadcast or powerpc": for messages.
inline constexpr const char *kArchChoices = "scheme, generic, x86, deferred, broadcast or powerpc";

/// All names of operations, of decisions, in the order of their enumerations.
std::span<const std::string_view> op_names();
std::span<const std::string_view> decision_names();

/// The name that somebody who wrote `word` most likely meant: the one at the smallest edit
/// distance, if that is at most two and less than the word's length; else "". Constant time in the
/// length of `word`: a long one resembles nothing.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

} // namespace lazymm::schedule
