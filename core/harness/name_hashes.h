// SPDX-License-Identifier: MIT
// Some of the names of locations ("mm_count", whichever mm), chosen by hashing: what a strategy
// that depends on nothing but its seed calls interesting in a run.
#pragma once

#include <cstdint>
#include <string_view>

namespace lazymm
{

/// Hashes of names of locations, the same in every process. Names are literals: their addresses
/// stand for them.
class NameHashes
{
public:
	std::uint32_t operator()(const char *name)
	{
		Slot &slot =
			slots_[(reinterpret_cast<std::uintptr_t>(name) * 0x9e3779b97f4a7c15) >> 58];
		if (slot.name != name) [[unlikely]]
			slot = { name, hash(name) };
		return slot.hash;
	}

	/// Whether the name is one of the chosen: one in 2^`bits`, another choice for each `salt`.
	bool chosen(const char *name, std::uint32_t salt, unsigned bits)
	{
		return bits == 0 || ((*this)(name) ^ salt) * 0x9e3779b1u >> (32 - bits) == 0;
	}

private:
	static std::uint32_t hash(std::string_view text) // FNV-1a
	{
		std::uint32_t h = 2166136261;
		for (const char c : text)
			h = (h ^ static_cast<unsigned char>(c)) * 16777619;
		return h;
	}

	struct Slot {
		const char *name = nullptr;
		std::uint32_t hash = 0;
	};
	Slot slots_[64];
};

} // namespace lazymm
