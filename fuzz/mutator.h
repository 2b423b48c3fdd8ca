// SPDX-License-Identifier: MIT
// Mutations of an engine's inputs that are mutations of schedules: operations, the strategy and its
// seed, single decisions, rather than bits.
#pragma once

#include "core/schedule/edits.h"

#include <cstddef>
#include <cstdint>

namespace lazymm::fuzz
{

/// Changes the `size` bytes at `data` in place, to at most `max_size`; returns the new size. Mostly
/// by schedule::mutate() with operations of `alphabet`, for a part of the seeds by `by_bytes` (the
/// engine's own mutations, or nullptr where there are none), which finds what no schedule edit
/// would try.
std::size_t mutate_input(std::uint8_t *data, std::size_t size, std::size_t max_size, unsigned seed,
			 const schedule::Alphabet &alphabet,
			 std::size_t (*by_bytes)(std::uint8_t *, std::size_t, std::size_t));

/// Writes a cross of the two schedules to `out`, at most `max_size` bytes; returns its size, or 0
/// if there is no room.
std::size_t cross_inputs(const std::uint8_t *a, std::size_t a_size, const std::uint8_t *b,
			 std::size_t b_size, std::uint8_t *out, std::size_t max_size,
			 unsigned seed);

} // namespace lazymm::fuzz
