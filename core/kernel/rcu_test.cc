// SPDX-License-Identifier: MIT
// Grace periods, on a booted kernel whose CPUs do what a test says.
#include "core/machine/tsan.h"
#include "core/oracles/oracle_rig.h"

namespace lazymm::kernel
{
namespace
{

Shared<int> in_section{ "in_section", nullptr };
Shared<int> waiting{ "waiting", nullptr };
std::string said;

class Rcu : public testing::Test
{
public:
	Rcu()
	{
		in_section.init(0);
		waiting.init(0);
		said.clear();
		// CPU1 is in a section until CPU0 is about to wait.
		rig.script[1] = [] {
			rcu_read_lock();
			WRITE_ONCE(in_section, 1);
			until(waiting);
			say('r');
			rcu_read_unlock();
		};
	}
	static void until(Shared<int> &word)
	{
		spin_until([](void *w) { return static_cast<Shared<int> *>(w)->peek() != 0; },
			   &word, "a word");
	}
	/// The kernel decides who says something first: nothing that TSan should judge.
	static void say(char what)
	{
		machine::tsan::Ignore ignore;
		said += what;
	}
	static void say_c(void *) { say('c'); }

	oracles::Rig rig;
};

TEST_F(Rcu, SynchronizeWaitsForReaders)
{
	rig.script[0] = [] {
		until(in_section);
		WRITE_ONCE(waiting, 1);
		synchronize_rcu();
		say('s');
	};
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(said, "rs");
}

TEST_F(Rcu, SynchronizeInAReadersWayIsADeadlock)
{
	rig.script[0] = [] {
		until(in_section);
		synchronize_rcu();
		WRITE_ONCE(waiting, 1);
	};
	EXPECT_SAYS(rig.run("progress"), "deadlock:a word", "synchronize_rcu");
}

TEST_F(Rcu, SynchronizeDoesNotWaitForLaterReaders)
{
	rig.script[0] = [] {
		synchronize_rcu();
		say('s');
		WRITE_ONCE(waiting, 1);
	};
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(said, "sr");
}

TEST_F(Rcu, CallbacksWaitForTheirOwnSection)
{
	rig.script[1] = nullptr;
	rig.script[0] = [] {
		rcu_read_lock();
		call_rcu(say_c, nullptr, "say c");
		EXPECT_FALSE(rcu_pending());
		say('|');
		rcu_read_unlock();
		EXPECT_TRUE(rcu_pending());
		rcu_softirq();
	};
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(said, "|c");
}

TEST_F(Rcu, BarrierWaitsForCallbacks)
{
	rig.script[0] = [] {
		until(in_section);
		call_rcu(say_c, nullptr, "say c");
		WRITE_ONCE(waiting, 1);
		rcu_barrier();
		say('b');
	};
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(said, "rcb");
}

TEST_F(Rcu, BarrierDoesNotWaitForWhatCallbacksQueue)
{
	rig.script[1] = nullptr;
	rig.script[0] = [] {
		call_rcu(
			[](void *) {
				say('1');
				call_rcu(say_c, nullptr, "say c");
			},
			nullptr, "say 1");
		rcu_barrier();
		say('b');
		rcu_barrier();
		say('b');
	};
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(said, "1bcb");
}

TEST_F(Rcu, BarrierAndHotplug)
{
	rig.script[1] = nullptr;
	rig.script[0] = [] {
		call_rcu(say_c, nullptr, "say c");
		cpus_write_lock();
		rcu_barrier_5_18();
		cpus_write_unlock();
	};
	EXPECT_SILENT(rig.run_all());
	EXPECT_EQ(said, "c");
	rig.script[0] = [] {
		cpus_write_lock();
		rcu_barrier();
		cpus_write_unlock();
	};
	EXPECT_SAYS(rig.run("progress"), "deadlock:cpus_read_lock", "cpus_read_lock");
}

TEST_F(Rcu, SynchronizeOrdersPlainAccesses)
{
	static Plain<int> data{ "data", nullptr };
	data.init(0);
	rig.script[1] = [] {
		rcu_read_lock();
		WRITE_ONCE(in_section, 1);
		until(waiting);
		data.store(1);
		rcu_read_unlock();
	};
	rig.script[0] = [] {
		until(in_section);
		WRITE_ONCE(waiting, 1);
		synchronize_rcu();
		data.store(2);
	};
	EXPECT_SILENT(rig.run_all());
}

} // namespace
} // namespace lazymm::kernel
