// SPDX-License-Identifier: MIT
// mm-count by itself, on a booted kernel: its verdicts, and whom the ledger names.
#include "core/oracles/oracle_rig.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::Holder;
using kernel::mm_ref;

TEST(MmCount, DropOfAReferenceThatNobodyTook)
{
	auto f = say("mm-count", [] { kernel::kernel().scheme().mmdrop_lazy_tlb(mm1(), 0); });
	EXPECT_SAYS(f, "live-mm-freed",
		    "The lazy reference of CPU0 was dropped by A on CPU0 (mm_count_test.cc:");
	EXPECT_EQ(f->mm, 1);
	EXPECT_EQ(f->cpu, 0);
	EXPECT_EQ(f->file, "core/oracles/mm_count_test.cc");
}

TEST(MmCount, DropBelowZero)
{
	auto script = [] {
		emit({ .kind = EventKind::drop, .mm = mm1(), .count = -1, .value = 1 });
	};
	EXPECT_SAYS(say("mm-count", script), "underflow", "mm_count 0 -> -1.");
}

TEST(MmCount, InitMmNeverGoes)
{
	auto script = [] {
		emit({ .kind = EventKind::drop, .mm = kernel::init_mm(), .count = 0, .value = 1 });
	};
	EXPECT_SAYS(say("mm-count", script), "underflow", "init_mm");
}

TEST(MmCount, GrabOfAnMmThatIsOnItsWayOut)
{
	auto script = [] {
		emit({ .kind = EventKind::grab,
		       .mm = mm1(),
		       .count = 1,
		       .value = 1,
		       .holder = Holder::pin,
		       .holder_id = 0 });
	};
	EXPECT_SAYS(say("mm-count", script), "grab-after-zero", "the mmgrab() of A to mm1");
}

TEST(MmCount, Users)
{
	auto get = [] { emit({ .kind = EventKind::users_get, .mm = mm1(), .count = 1 }); };
	EXPECT_SAYS(say("mm-count", get), "mmget-after-zero", "mm1");
	auto put = [] { emit({ .kind = EventKind::users_put, .mm = mm1(), .count = -1 }); };
	EXPECT_SAYS(say("mm-count", put), "mm-users", "mm1");
	auto leak = [] { kernel::mmget(mm1()); };
	EXPECT_SAYS(say("mm-count", leak), "mm-users", "mm_users of mm1 is 2 at the end");
	auto held = [] {
		kernel::mmget(mm1());
		kernel::current_task().got = mm1();
	};
	EXPECT_SILENT(say("mm-count", held));
}

TEST(MmCount, LeakNamesTheGrab)
{
	auto leak = [] {
		kernel::mmgrab(mm1(), Holder::pin, 0);
		kernel::current_task().pinned = mm1();
		kernel::mmgrab(mm1(), Holder::lazy, 1);
	};
	auto f = say("mm-count", leak);
	EXPECT_SAYS(f, "leak", "mm_count of mm1 is 3 at the end and ought to be 2.");
	EXPECT_SAYS(f, "leak",
		    "The lazy reference of CPU1 was taken by A on CPU0 (mm_count_test.cc:");
	EXPECT_EQ(f->text.find("mmgrab()"), std::string::npos) << f->text;
}

TEST(MmCount, MissingReferenceNamesWhoHasNone)
{
	auto f = say("mm-count", [] { kernel::current_task().pinned = mm1(); });
	EXPECT_SAYS(f, "missing-reference", "mm_count of mm1 is 1 at the end and ought to be 2.");
	EXPECT_SAYS(f, "missing-reference", "The mmgrab() of A was never taken.");
}

TEST(MmCount, NeverFreed)
{
	auto script = [] {
		mm_ref mm = kernel::kernel().alloc_mm();
		mm->mm_users.init(0);
		mm->mm_count.init(0);
	};
	EXPECT_SAYS(say("mm-count", script), "never-freed", "nobody holds mm2");
}

TEST(MmCount, WhoDropsNeedNotBeWhoTook)
{
	// finish_cpu() drops a dead CPU's lazy reference, by a CPU that has one of its own.
	auto script = [] {
		kernel::mmgrab(mm1(), Holder::lazy, 1);
		kernel::kernel().scheme().mmdrop(mm1(), Holder::lazy, 0);
		kernel::mmgrab(mm1(), Holder::unlazy, -1);
	};
	auto f = say("mm-count", script);
	EXPECT_SAYS(f, "leak", "mm_unlazy_mm_count()");
	EXPECT_EQ(f->text.find("lazy reference"), std::string::npos) << f->text;
}

} // namespace
} // namespace lazymm::oracles
