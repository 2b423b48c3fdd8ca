// SPDX-License-Identifier: MIT
// lazymm-tag: LAZY_MM's first form. One word per CPU is hazard pointer and mailbox: the last mmput
// tags the words that name the mm, and whoever finds its word tagged drops a reference.
//
// From: Andy Lutomirski, 2020-12-02, [MOCKUP] "x86/mm: Lightweight lazy mm refcounting",
// 7c4bcc0a464c, "this code compiles, but I haven't even tried to boot it"; not merged. On Linux
// 5.10 with his cleanups, after which x86 does not read active_mm. The mockup leaves the counting
// of active_mm as it is, so that it does nothing by itself; here that is gone, as he means it to
// be, and what is left is no-active-mm's x86 with another way to end lazy use.
//
// Per CPU: is_lazy, loaded_mm, the word.
//
//   enter_lazy_tlb()	NULL -> mm		becomes lazy
//   __mmput()		mm -> mm | 1		took a reference, and hands it over
//   switch_mm()	mm or mm | 1 -> NULL	leaves, and drops what was handed over
//
// Broken as posted:
//   - switch_mm_irqs_off() of 5.10 returns early if it goes back to the mm that it was lazy on; the
//   drop is behind that. The word stays, and the next enter_lazy_tlb() warns and overwrites it: a
//   reference that was handed over is lost.
//   - __mmput() looks at the words of mm_cpumask's CPUs. On x86 a CPU is out of it before it writes
//   CR3: its word says mm still, and is passed by.
//   - The drop runs under the rq lock, with interrupts off ("XXX: [...] Is this okay with IRQs
//   off?"). Freeing there is not.
// That read and cmpxchg are relaxed ("XXX: is relaxed okay here?") was not seen to matter: mmdrop()
// is a full barrier behind them. lazymm-tag-repaired clears the word on both ways, looks at the
// words of all CPUs, drops in finish_task_switch() ("It might be nicer to defer this to a later
// stage in the scheduler"), acquires, and has H3. Under H1 a word is given back by the dying CPU in
// idle_task_exit(), behind rcu_report_dead().
//
// Ordering: the grab needs none (O3, O4). The xchg that clears the word is a full barrier behind
// the hardware switch (O5), the scan acquires (O6).
#include "core/schemes/lazymm_tag.h"

#include "core/schemes/membarrier_repaired.h"
#include "core/schemes/registry.h"

namespace lazymm::schemes
{
using namespace kernel;

lazymm_tag::lazymm_tag()
{
	for (unsigned i = 0; i < kMaxCpus; i++)
		words_[i].owner.number = i;
}

void lazymm_tag::reset()
{
	no_active_mm::reset();
	for (tagged_lazy_mm &word : words_)
		word.lazy_mm.init({});
}

// --- this CPU becomes lazy, and ceases to be ---

/// lazy_mm_grab()
void lazymm_tag::became_lazy()
{
	Word &word = words_[smp_processor_id()].lazy_mm;
	WARN_ON(bool(READ_ONCE(word)), "lazy_mm_grab: lazy_mm is set");
	mm_ref mm = READ_ONCE(this_tlbstate().loaded_mm);
	WRITE_ONCE(word, mm);
	kernel::kernel().emit({ .kind = EventKind::lazy_hold, .mm = mm, .value = 1 });
}

mm_ref lazymm_tag::take_lazy_mm()
{
	Word &word = words_[smp_processor_id()].lazy_mm;
	mm_ref old = xchg(word, nullptr, "lazy_mm_drop: (O5) last use before 0");
	if (old)
		kernel::kernel().emit(
			{ .kind = EventKind::lazy_hold, .mm = old.untagged(), .value = 0 });
	return old.is_tagged() ? old.untagged() : mm_ref{};
}

void lazymm_tag::left_lazy(bool same)
{
	if (same) // has returned by then
		return;
	if (mm_ref mm = take_lazy_mm())
		mmdrop(mm, Holder::mailbox, smp_processor_id());
}

// --- last user gone: arch_fixup_lazy_mm_refs() ---

std::uint32_t lazymm_tag::lazy_cpus(mm_ref mm)
{
	return READ_ONCE(mm->mm_cpumask);
}

mm_ref lazymm_tag::read(Word &word)
{
	return READ_ONCE(word);
}

bool lazymm_tag::hand_over(Word &word, mm_ref mm)
{
	return cmpxchg_relaxed(word, mm, mm.tagged()) == mm;
}

void lazymm_tag::after_exit_mmap(mm_ref mm)
{
	WARN_ON(atomic_read(mm->mm_users) != 0, "arch_fixup_lazy_mm_refs: mm_users != 0");
	std::uint32_t mask = lazy_cpus(mm);
	for (unsigned cpu = 0; cpu < this_machine().cpus(); cpu++) {
		Word &word = words_[cpu].lazy_mm;
		if (!(mask >> cpu & 1) || !(read(word) == mm))
			continue;
		mmgrab(mm, Holder::mailbox, cpu);
		// If the CPU was faster, it has left and needs no reference.
		if (!hand_over(word, mm))
			mmdrop(mm, Holder::mailbox, cpu);
	}
}

// --- CPU going down (H1) ---

void lazymm_tag::idle_task_exit()
{
	switch_mm(init_mm());
}

int lazymm_tag::expected_mm_count(Kernel &kernel, mm_ref mm) const
{
	int n = no_active_mm::expected_mm_count(kernel, mm);
	for (unsigned i = 0; i < kernel.config().cpus; i++)
		n += words_[i].lazy_mm.peek() == mm.tagged();
	return n;
}

// --- repaired ---

void lazymm_tag_repaired::reset()
{
	lazymm_tag::reset();
	for (mm_ref &mm : to_drop_)
		mm = {};
}

void lazymm_tag_repaired::left_lazy(bool)
{
	mm_ref &mm = to_drop_[smp_processor_id()];
	if (mm_ref old = take_lazy_mm()) {
		WARN_ON(bool(mm), "left_lazy: nobody has dropped the last one");
		mm = old;
	}
}

void lazymm_tag_repaired::finish_unlazy()
{
	preempt_disable();
	unsigned cpu = smp_processor_id();
	mm_ref mm = to_drop_[cpu];
	to_drop_[cpu] = {};
	if (mm)
		mmdrop(mm, Holder::mailbox, cpu);
	preempt_enable();
}

std::uint32_t lazymm_tag_repaired::lazy_cpus(mm_ref)
{
	return ~0u;
}

mm_ref lazymm_tag_repaired::read(Word &word)
{
	return smp_load_acquire(word, "fixup: (O6) lazy_mm");
}

bool lazymm_tag_repaired::hand_over(Word &word, mm_ref mm)
{
	return cmpxchg(word, mm, mm.tagged(), "fixup: hand over") == mm;
}

REGISTER_SCHEME({
	.name = "lazymm-tag",
	.from = "Andy Lutomirski, 2020-12-02, [MOCKUP] 7c4bcc0a464c",
	.summary = "hazard pointer and mailbox in one word of cpu_tlbstate, as posted: drops in "
		   "switch_mm, not on the way to the same mm",
	.expect = Expect::broken,
	.make = make<with_membarrier<lazymm_tag, membarrier_repaired>>,
	.witness = "LMM1:lazymm-tag:YFAsBA",
});

REGISTER_SCHEME({
	.name = "lazymm-tag-repaired",
	.from = "Andy Lutomirski, 2020-12-02, [MOCKUP] 7c4bcc0a464c; repairs derived",
	.summary = "lazymm-tag that always clears its word, drops with interrupts on, looks at all "
		   "words and acquires; with H3",
	.expect = Expect::sound,
	.make = make<with_membarrier<lazymm_tag_repaired, membarrier_repaired>>,
});

} // namespace lazymm::schemes
