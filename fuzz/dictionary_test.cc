// SPDX-License-Identifier: MIT
#include "fuzz/dictionary.h"

#include "core/schedule/bytes.h"
#include "core/schedule/names.h"

#include <map>
#include <regex>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lazymm::fuzz
{
namespace
{

using schedule::OpKind;

/// The entries, by name; a line that the engines would not read fails the test.
std::map<std::string, std::vector<std::uint8_t>> entries()
{
	static const std::regex form("([A-Za-z0-9_]+)=\"((\\\\x[0-9a-f]{2})+)\"");
	std::map<std::string, std::vector<std::uint8_t>> all;
	std::istringstream text(dictionary());
	for (std::string line; std::getline(text, line);) {
		std::smatch parts;
		if (line.starts_with('#'))
			continue;
		EXPECT_TRUE(std::regex_match(line, parts, form)) << line;
		std::vector<std::uint8_t> bytes;
		const std::string quoted = parts[2];
		for (std::size_t i = 2; i < quoted.size(); i += 4)
			bytes.push_back(static_cast<std::uint8_t>(
				std::stoul(quoted.substr(i, 2), nullptr, 16)));
		EXPECT_TRUE(all.emplace(parts[1], bytes).second) << line;
	}
	return all;
}

/// A schedule on 4 CPUs that begins with these bytes, and a second operation that shows that the
/// entry ends where it should.
schedule::Schedule read(std::vector<std::uint8_t> before, const std::vector<std::uint8_t> &entry)
{
	schedule::Schedule empty, out;
	empty.cpus.assign(schedule::kMaxCpus, {});
	auto bytes = schedule::encode(empty);
	bytes.resize(std::max<std::size_t>(bytes.size(), 1));
	bytes.insert(bytes.end(), before.begin(), before.end());
	bytes.insert(bytes.end(), entry.begin(), entry.end());
	bytes.push_back(static_cast<std::uint8_t>(11 << 2 | 3)); // exit, on cpu3
	schedule::decode(bytes, out);
	EXPECT_EQ(out.cpus[3].size(), 1u);
	return out;
}

TEST(Dictionary, HasEachOperationWithEachOperand)
{
	const auto all = entries();
	unsigned expected = 0;
	for (unsigned i = 0; i < schedule::kOpKinds; i++) {
		const auto kind = static_cast<OpKind>(i);
		const schedule::OpInfo &info = schedule::info(kind);
		for (unsigned operand = 0; operand < operand_count(info.operand); operand++) {
			std::string operand_name = schedule::operand_name(info.operand, operand);
			std::replace(operand_name.begin(), operand_name.end(), '-', '_');
			for (unsigned cpu = 0; cpu < 2; cpu++) {
				const std::string name = fmt::format(
					"{}{}{}_on_cpu{}", info.name,
					operand_name.empty() ? "" : "_", operand_name, cpu);
				ASSERT_TRUE(all.contains(name)) << name;
				const auto script = read({}, all.at(name)).cpus[cpu];
				ASSERT_EQ(script.size(), 1u) << name;
				EXPECT_EQ(script[0].kind, kind) << name;
				EXPECT_EQ(script[0].operand, operand) << name;
				expected++;
			}
		}
	}
	EXPECT_GT(all.size(), expected);
}

TEST(Dictionary, HasEachKindOfDecision)
{
	const auto all = entries();
	for (unsigned i = 0; i < schedule::kDecisionKinds; i++) {
		const auto kind = static_cast<schedule::DecisionKind>(i);
		const bool bare = schedule::arg_kind(kind) == schedule::ArgKind::none;
		const unsigned arg = bare ? 0 : 2;
		const std::string name =
			fmt::format("{}{}", schedule::name(kind), bare ? "" : "_2");
		ASSERT_TRUE(all.contains(name)) << name;
		const auto script = read({ 0 }, all.at(name)).cpus[0]; // behind "switch A"
		ASSERT_EQ(script.size(), 1u) << name;
		ASSERT_EQ(script[0].decisions.size(), 1u) << name;
		EXPECT_EQ(script[0].decisions[0].kind, kind) << name;
		EXPECT_EQ(script[0].decisions[0].arg, arg) << name;
	}
}

} // namespace
} // namespace lazymm::fuzz
