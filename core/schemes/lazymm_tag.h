// SPDX-License-Identifier: MIT
// LAZY_MM's first mockup; see lazymm_tag.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/no_active_mm.h"

namespace lazymm::schemes
{

/// What cpu_tlbstate gains.
struct tagged_lazy_mm {
	kernel::Owner owner{ "cpu_tlbstate", 0 };
	/// NULL; an mm that must not be freed; or that mm tagged (bit 0): somebody has taken a
	/// reference for this CPU, which must drop it when it is done.
	kernel::Shared<kernel::mm_ref> lazy_mm{ "lazy_mm", &owner };
};

/// As posted.
class lazymm_tag : public no_active_mm
{
public:
	lazymm_tag();
	void reset() override;
	kernel::Protocol protocol() const override { return kernel::Protocol::h1; }
	int expected_mm_count(kernel::Kernel &kernel, kernel::mm_ref mm) const override;
	void after_exit_mmap(kernel::mm_ref mm) override;
	void idle_task_exit() override;

protected:
	using Word = kernel::Shared<kernel::mm_ref>;
	void became_lazy() override;
	void left_lazy(bool same) override;
	/// What the CPU was lazy on, if it owns a reference to it now.
	kernel::mm_ref take_lazy_mm();
	// Of the CPU that looks at another one's word.
	/// Whose words the last mmput looks at.
	virtual std::uint32_t lazy_cpus(kernel::mm_ref mm);
	virtual kernel::mm_ref read(Word &word);
	virtual bool hand_over(Word &word, kernel::mm_ref mm);

private:
	tagged_lazy_mm words_[kernel::kMaxCpus];
};

/// Gives the word back on the way to the same mm, too, drops where it may, and looks at all words.
class lazymm_tag_repaired : public lazymm_tag
{
public:
	void reset() override;
	kernel::Protocol protocol() const override { return kernel::Protocol::h3; }
	void idle_task_exit() override {}

protected:
	void left_lazy(bool same) override;
	void finish_unlazy() override;
	std::uint32_t lazy_cpus(kernel::mm_ref mm) override;
	kernel::mm_ref read(Word &word) override;
	bool hand_over(Word &word, kernel::mm_ref mm) override;

private:
	/// A CPU's own: to drop as soon as interrupts are on.
	kernel::mm_ref to_drop_[kernel::kMaxCpus];
};

} // namespace lazymm::schemes
