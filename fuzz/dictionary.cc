// SPDX-License-Identifier: MIT
#include "fuzz/dictionary.h"

#include "core/schedule/bytes.h"
#include "core/schedule/limits.h"
#include "core/schedule/names.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace lazymm::fuzz
{

using schedule::Decision;
using schedule::DecisionKind;
using schedule::Op;
using schedule::OpKind;
using schedule::Schedule;

namespace
{

constexpr unsigned kCpus = 2;
/// Of a decision: its place is the engine's to find.
constexpr unsigned kAnchor = 4;
/// Larger arguments take a byte of their own, which the engine finds too.
constexpr unsigned kSmallArgs = 3;

/// What the codec makes of one operation: the bytes between the header and a sentinel behind it,
/// without which zeros at the end would be cut off.
std::vector<std::uint8_t> item(const Op &op, unsigned cpu)
{
	Schedule alone, followed;
	alone.cpus.assign(schedule::kMaxCpus, {});
	followed.cpus = alone.cpus;
	followed.cpus[cpu] = { op, { OpKind::exit, 0, {} } };
	const std::size_t header = std::max<std::size_t>(schedule::encode(alone).size(), 1);
	auto bytes = schedule::encode(followed);
	bytes.pop_back();
	bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
	return bytes;
}

/// AFL++ takes letters, digits and underscores in a name.
std::string line(std::string name, std::span<const std::uint8_t> bytes)
{
	std::replace(name.begin(), name.end(), '-', '_');
	std::string quoted;
	for (const std::uint8_t byte : bytes)
		quoted += fmt::format("\\x{:02x}", byte);
	return fmt::format("{}=\"{}\"\n", name, quoted);
}

std::string operation_lines(OpKind kind)
{
	std::string lines;
	const schedule::OpInfo &info = schedule::info(kind);
	for (unsigned operand = 0; operand < schedule::operand_count(info.operand); operand++) {
		const std::string name = schedule::operand_name(info.operand, operand);
		for (unsigned cpu = 0; cpu < kCpus; cpu++) {
			lines += line(fmt::format("{}{}{}_on_cpu{}", info.name,
						  name.empty() ? "" : "_", name, cpu),
				      item({ kind, static_cast<std::uint8_t>(operand), {} }, cpu));
		}
	}
	return lines;
}

std::string decision_lines(DecisionKind kind)
{
	std::string lines;
	const unsigned args = std::min(schedule::arg_range(kind, schedule::kMaxCpus),
				       schedule::arg_kind(kind) == schedule::ArgKind::number
					       ? kSmallArgs
					       : schedule::kMaxCpus);
	for (unsigned arg = 0; arg < std::max(args, 1u); arg++) {
		const Decision decision{ kAnchor, kind, static_cast<std::uint8_t>(arg) };
		auto bytes = item({ OpKind::exec, 0, { decision } }, 0);
		bytes.erase(bytes.begin()); // the operation
		lines += line(schedule::arg_kind(kind) == schedule::ArgKind::none
				      ? schedule::name(kind)
				      : fmt::format("{}_{}", schedule::name(kind), arg),
			      bytes);
	}
	return lines;
}

} // namespace

std::string dictionary()
{
	std::string text = "# Made by fuzz_pack from lazymm's operation table.\n";
	for (unsigned kind = 0; kind < schedule::kOpKinds; kind++)
		text += operation_lines(static_cast<OpKind>(kind));
	for (unsigned kind = 0; kind < schedule::kDecisionKinds; kind++)
		text += decision_lines(static_cast<DecisionKind>(kind));
	return text;
}

} // namespace lazymm::fuzz
