// SPDX-License-Identifier: MIT
// A pointer of the kernel's to an object in a type-stable pool. Like an address it compares equal
// when the object was freed and another one allocated in its place (ABA); unlike an address it
// knows the generation that it was taken from, so that a use after free is seen, and it prints the
// same on every machine.
#pragma once

#include <cstdint>

#include "core/kernel/atomic.h"

namespace lazymm::kernel
{

template <class T>
class Ref
{
public:
	constexpr Ref() = default;
	constexpr Ref(std::nullptr_t) {}
	constexpr Ref(unsigned slot, unsigned generation, unsigned number)
		: slot_(slot + 1), generation_(generation), number_(number)
	{
	}

	/// The object; ends the run with a use after free if it is another generation by now. Not
	/// an access.
	T *operator->() const; /// The check alone, behind an access: others may have run before it.
	void still_there() const { operator->(); }
	/// The object without the check: for oracles and printing.
	T *unchecked() const;
	/// The object still is what it was when the reference was taken.
	bool valid() const;

	/// The address with its lowest bit set, which alignment leaves free. Only for untagged() to
	/// undo: a tagged one is another address.
	Ref tagged() const
	{
		Ref ref = *this;
		ref.slot_ |= kTag;
		return ref;
	}
	Ref untagged() const
	{
		Ref ref = *this;
		ref.slot_ &= static_cast<std::uint16_t>(~kTag);
		return ref;
	}
	bool is_tagged() const { return slot_ & kTag; }

	explicit operator bool() const { return slot_ != 0; }
	unsigned slot() const { return slot_ - 1; }
	unsigned generation() const { return generation_; }
	/// What a person calls it: the 1 of mm1.
	unsigned number() const { return number_; }

	/// As addresses compare.
	friend bool operator==(Ref a, Ref b) { return a.slot_ == b.slot_; }

private:
	static constexpr std::uint16_t kTag = 0x8000;
	std::uint16_t slot_ = 0; ///< 0 = NULL
	std::uint16_t generation_ = 0;
	std::uint32_t number_ = 0;
};

/// cmpxchg compares addresses.
template <class T>
inline constexpr std::uint64_t compared_bits<Ref<T>> = 0xffff;

struct mm_struct;
struct task_struct;
using mm_ref = Ref<mm_struct>;
using task_ref = Ref<task_struct>;

} // namespace lazymm::kernel
