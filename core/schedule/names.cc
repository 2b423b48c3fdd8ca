// SPDX-License-Identifier: MIT
#include "core/schedule/names.h"

#include <algorithm>

namespace lazymm::schedule
{

namespace
{

constexpr std::array<const char *, 3> kMemories = { "sc", "tso", "weak" };
constexpr std::array<const char *, 3> kHotplugs = { "scheme", "h1", "h3" };
constexpr std::array<const char *, kArches> kArchNames = { "scheme",   "generic",   "x86",
							   "deferred", "broadcast", "powerpc" };
constexpr std::array<const char *, 2> kMms = { "pool", "heap" };

/// The value below `count` whose `name_of(value)` is `wanted`.
template <typename E, typename NameOf>
std::optional<E> find(std::string_view wanted, unsigned count, NameOf name_of)
{
	for (unsigned i = 0; i < count; i++) {
		if (wanted == name_of(static_cast<E>(i)))
			return static_cast<E>(i);
	}
	return std::nullopt;
}

/// No name is longer than this, and no word much longer is a slip of the pen.
constexpr std::size_t kLongestWord = 15;

/// Levenshtein's distance by rows; both words are at most kLongestWord long.
unsigned edit_distance(std::string_view a, std::string_view b)
{
	std::array<unsigned, kLongestWord + 1> row{};
	for (std::size_t j = 0; j <= b.size(); j++)
		row[j] = static_cast<unsigned>(j);
	for (std::size_t i = 1; i <= a.size(); i++) {
		unsigned diagonal = row[0];
		row[0] = static_cast<unsigned>(i);
		for (std::size_t j = 1; j <= b.size(); j++) {
			const unsigned above = row[j];
			const unsigned replace = diagonal + (a[i - 1] != b[j - 1]);
			row[j] = std::min({ replace, above + 1, row[j - 1] + 1 });
			diagonal = above;
		}
	}
	return row[b.size()];
}

} // namespace

const char *name(Memory memory)
{
	return kMemories[static_cast<unsigned>(memory)];
}

const char *name(Hotplug hotplug)
{
	return kHotplugs[static_cast<unsigned>(hotplug)];
}

const char *name(Arch arch)
{
	return kArchNames[static_cast<unsigned>(arch)];
}

const char *name(MmMemory mm)
{
	return kMms[static_cast<unsigned>(mm)];
}

ArgKind arg_kind(DecisionKind kind)
{
	switch (kind) {
	case DecisionKind::run:
		return ArgKind::cpu;
	case DecisionKind::irq:
	case DecisionKind::preempt:
		return ArgKind::none;
	default:
		return ArgKind::number;
	}
}

std::optional<OpKind> find_op(std::string_view wanted)
{
	return find<OpKind>(wanted, kOpKinds, [](OpKind kind) { return info(kind).name; });
}

std::optional<DecisionKind> find_decision(std::string_view wanted)
{
	return find<DecisionKind>(wanted, kDecisionKinds, [](DecisionKind k) { return name(k); });
}

std::optional<Strategy> find_strategy(std::string_view wanted)
{
	return find<Strategy>(wanted, kStrategies, [](Strategy s) { return name(s); });
}

std::optional<Memory> find_memory(std::string_view wanted)
{
	return find<Memory>(wanted, kMemories.size(), [](Memory m) { return name(m); });
}

std::optional<Hotplug> find_hotplug(std::string_view wanted)
{
	return find<Hotplug>(wanted, kHotplugs.size(), [](Hotplug h) { return name(h); });
}

std::optional<Arch> find_arch(std::string_view wanted)
{
	return find<Arch>(wanted, kArches, [](Arch a) { return name(a); });
}

std::optional<MmMemory> find_mm(std::string_view wanted)
{
	return find<MmMemory>(wanted, kMms.size(), [](MmMemory m) { return name(m); });
}

std::optional<unsigned> find_operand(OperandKind kind, std::string_view wanted)
{
	if (kind == OperandKind::none)
		return std::nullopt;
	return find<unsigned>(wanted, operand_count(kind),
			      [kind](unsigned operand) { return operand_name(kind, operand); });
}

std::span<const std::string_view> op_names()
{
	static const auto names = [] {
		std::array<std::string_view, kOpKinds> all;
		for (unsigned i = 0; i < kOpKinds; i++)
			all[i] = info(static_cast<OpKind>(i)).name;
		return all;
	}();
	return names;
}

std::span<const std::string_view> decision_names()
{
	static const auto names = [] {
		std::array<std::string_view, kDecisionKinds> all;
		for (unsigned i = 0; i < kDecisionKinds; i++)
			all[i] = name(static_cast<DecisionKind>(i));
		return all;
	}();
	return names;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> names)
{
	std::string_view best;
	unsigned best_distance = 3;
	if (word.size() > kLongestWord)
		return best;
	for (const std::string_view name : names) {
		const unsigned distance = edit_distance(word, name);
		if (distance < best_distance && distance < word.size()) {
			best = name;
			best_distance = distance;
		}
	}
	return best;
}

} // namespace lazymm::schedule
