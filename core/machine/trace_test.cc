// SPDX-License-Identifier: MIT
#include "core/machine/machine_rig.h"

#include <functional>
#include <set>

namespace lazymm::machine
{
namespace
{

TEST(Trace, HashTellsEveryFieldApart)
{
	const std::vector<std::function<void(Event &)>> changes = {
		[](Event &) {},
		[](Event &e) { e.step++; },
		[](Event &e) { e.op++; },
		[](Event &e) { e.at++; },
		[](Event &e) { e.cpu++; },
		[](Event &e) { e.context++; },
		[](Event &e) { e.kind = AccessKind::mb; },
		[](Event &e) { e.order = Order::full; },
		[](Event &e) { e.note++; },
		[](Event &e) { e.name = "y"; },
		[](Event &e) { e.owner.kind = "mm"; },
		[](Event &e) { e.owner.number = 3; },
		[](Event &e) { e.site = "here"; },
		[](Event &e) { e.line++; },
		[](Event &e) { e.before++; },
		[](Event &e) { e.after++; },
	};
	std::set<std::uint64_t> hashes;
	for (const auto &change : changes) {
		Trace t;
		t.events.resize(3);
		change(t.events[1]);
		hashes.insert(t.hash());
	}
	EXPECT_EQ(hashes.size(), changes.size());
}

TEST(Trace, HashDoesNotLookAtAddresses)
{
	const std::string one = "name", two = "name";
	Trace t;
	t.events.resize(1);
	t.events[0].name = one.c_str();
	const std::uint64_t hash = t.hash();
	t.events[0].name = two.c_str();
	EXPECT_EQ(t.hash(), hash);
	t.events.resize(2);
	EXPECT_NE(t.hash(), hash);
}

TEST(Trace, NamesOfLocations)
{
	EXPECT_EQ(location_name("mm_users", { "mm", 1 }), "mm1.mm_users");
	EXPECT_EQ(location_name("active_mm", { "A", -1 }), "A.active_mm");
	EXPECT_EQ(location_name("pgd_lock", {}), "pgd_lock");
	EXPECT_EQ(location_name("", { "mm", 0 }), "mm0");
}

class Recorded : public OnBothEngines
{
};

TEST_P(Recorded, WhatTheRunDid)
{
	static const Owner owner{ "thing", 4 };
	static Shared<int> x{ "x", &owner };
	static Plain<int> plain{ "plain", nullptr };
	x.init(7);
	plain.init(1);
	rig.trace = std::make_unique<Trace>();
	rig.cpu[0] = [this] {
		x.load(Order::acquire);
		x.rmw(RmwOp::add, 2, Order::full, &LAZYMM_SITE("trace_test: add", rmw),
		      Where::current());
		x.rmw(RmwOp::compare_exchange, 5, Order::full, nullptr, Where::current(), 1);
		machine.barrier(AccessKind::mb, &LAZYMM_SITE("trace_test: mb", mb),
				Where::current());
		machine.note(9, 10, 11, "said", Where::current());
		plain.store(3);
	};
	rig.run(1);
	const auto &e = rig.trace->events;
	ASSERT_EQ(e.size(), 7u);
	EXPECT_EQ(location_name(e[0].name, e[0].owner), "thing4.x");
	EXPECT_EQ(e[0].kind, AccessKind::load);
	EXPECT_EQ(e[0].order, Order::acquire);
	EXPECT_EQ(e[0].after, 7u);
	EXPECT_EQ(e[0].step, 1u);
	EXPECT_NE(std::string(e[0].file).find("trace_test.cc"), std::string::npos);
	EXPECT_GT(e[1].line, e[0].line);
	EXPECT_STREQ(e[1].site, "trace_test: add");
	EXPECT_EQ(e[1].before, 7u);
	EXPECT_EQ(e[1].after, 9u);
	EXPECT_EQ(e[2].after, 9u); // failed
	EXPECT_STREQ(e[3].site, "trace_test: mb");
	EXPECT_EQ(e[3].kind, AccessKind::mb);
	EXPECT_EQ(e[4].note, 9);
	EXPECT_EQ(e[4].step, e[3].step);
	EXPECT_STREQ(e[4].name, "said");
	EXPECT_EQ(e[5].kind, AccessKind::plain_store);
	EXPECT_EQ(e[5].before, 1u);
	EXPECT_EQ(e[5].after, 3u);
	EXPECT_EQ(e[6].kind, AccessKind::wait);
	EXPECT_STREQ(e[6].name, "nothing to do");
}

INSTANTIATE_TEST_SUITE_P(, Recorded, kEngines, engine_name);

} // namespace
} // namespace lazymm::machine
