// SPDX-License-Identifier: MIT
#include "fuzz/mutator.h"

#include "core/schedule/bytes.h"
#include "core/schedule/op_groups.h"
#include "fuzz/input.h"

#include <cstring>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace lazymm::fuzz
{
namespace
{

using schedule::OpKind;
using schedule::Schedule;

std::size_t zeros(std::uint8_t *data, std::size_t, std::size_t max_size)
{
	std::memset(data, 0, max_size);
	return max_size;
}

TEST(Mutator, MakesOtherSchedulesThatFit)
{
	std::set<std::vector<std::uint8_t>> seen;
	std::vector<std::uint8_t> bytes(64);
	std::size_t size = 0;
	for (unsigned seed = 0; seed < 2000; seed++) {
		size = mutate_input(bytes.data(), size, bytes.size(), seed,
				    schedule::default_alphabet(), nullptr);
		ASSERT_LE(size, bytes.size());
		const std::vector<std::uint8_t> now(
			bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
		Schedule schedule;
		schedule::decode(now, schedule);
		EXPECT_EQ(schedule::encode(schedule), now); // canonical
		seen.insert(now);
	}
	EXPECT_GT(seen.size(), 1000u);
}

TEST(Mutator, IsAFunctionOfItsArguments)
{
	for (unsigned seed = 0; seed < 100; seed++) {
		std::uint8_t a[64] = { 1, 2, 3 }, b[64] = { 1, 2, 3 };
		const std::size_t size =
			mutate_input(a, 3, sizeof a, seed, schedule::default_alphabet(), nullptr);
		ASSERT_EQ(size, mutate_input(b, 3, sizeof b, seed, schedule::default_alphabet(),
					     nullptr));
		EXPECT_EQ(std::memcmp(a, b, size), 0);
	}
}

TEST(Mutator, LeavesAPartToTheEngine)
{
	unsigned by_engine = 0;
	for (unsigned seed = 0; seed < 1000; seed++) {
		std::uint8_t data[512] = {};
		by_engine += mutate_input(data, 8, sizeof data, seed, schedule::default_alphabet(),
					  zeros) == sizeof data;
	}
	EXPECT_GT(by_engine, 150u);
	EXPECT_LT(by_engine, 400u);
}

TEST(Mutator, KeepsToTheAlphabet)
{
	const auto made = [](const char *list, OpKind kind) {
		std::uint8_t data[64];
		unsigned n = 0;
		for (unsigned seed = 0; seed < 500; seed++) {
			Schedule schedule;
			const std::size_t size = mutate_input(
				data, 0, sizeof data, seed, schedule::alphabet_for(list), nullptr);
			schedule::decode({ data, size }, schedule);
			for (const auto &script : schedule.cpus) {
				for (const schedule::Op &op : script)
					n += op.kind == kind;
			}
		}
		return n;
	};
	EXPECT_GT(made("tables", OpKind::free_table), 30u);
	EXPECT_EQ(made("tables", OpKind::offline), 0u);
	EXPECT_EQ(made(nullptr, OpKind::free_table), 0u);
	EXPECT_GT(made(nullptr, OpKind::offline), 0u);
}

TEST(Mutator, WithoutRoom)
{
	std::uint8_t data[1] = { 7 };
	for (unsigned seed = 0; seed < 100; seed++)
		EXPECT_LE(mutate_input(data, 1, 1, seed, schedule::default_alphabet(), nullptr),
			  1u);
	EXPECT_LE(mutate_input(data, 0, 0, 1, schedule::default_alphabet(), nullptr), 0u);
}

TEST(Mutator, Crosses)
{
	schedule::Rng rng(1);
	for (unsigned seed = 0; seed < 200; seed++) {
		const auto a = schedule::encode(
			schedule::random_schedule(rng, schedule::default_alphabet(), 2, 20));
		const auto b = schedule::encode(
			schedule::random_schedule(rng, schedule::default_alphabet(), 3, 20));
		std::uint8_t out[256];
		EXPECT_LE(
			cross_inputs(a.data(), a.size(), b.data(), b.size(), out, sizeof out, seed),
			sizeof out);
		EXPECT_LE(cross_inputs(a.data(), a.size(), b.data(), b.size(), out, 1, seed), 1u);
	}
}

TEST(Input, IsTheExperimentsWhereItIsNotTheInputs)
{
	Schedule written;
	written.memory = schedule::Memory::weak;
	written.hotplug = schedule::Hotplug::h1;
	written.arch = schedule::Arch::x86;
	written.mm = schedule::MmMemory::heap;
	written.cpus = { { { schedule::OpKind::offline, 3, {} } }, {}, {}, {} };
	const auto bytes = schedule::encode(written);
	Schedule read;
	from_input(bytes, {}, read);
	EXPECT_EQ(read.memory, schedule::Memory::sc);
	EXPECT_EQ(read.hotplug, schedule::Hotplug::scheme);
	EXPECT_EQ(read.arch, schedule::Arch::scheme);
	EXPECT_EQ(read.mm, schedule::MmMemory::heap);
	EXPECT_EQ(read.cpus, written.cpus);
	from_input(bytes, { .cpus = 2 }, read);
	EXPECT_EQ(read.cpus.size(), 2u);
	EXPECT_LT(read.cpus[0][0].operand, 2u);
}

} // namespace
} // namespace lazymm::fuzz
