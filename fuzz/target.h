// SPDX-License-Identifier: MIT
// What the fuzz targets share: everything but which scheme they are for.
#pragma once

#include "core/schedule/edits.h"

#include <cstddef>
#include <cstdint>

namespace lazymm::fuzz
{

/// Reads LAZYMM_BUG, LAZYMM_MEMORY, LAZYMM_CPUS, LAZYMM_FEEDBACK and LAZYMM_PLANT. Ends the program
/// with one line and status 2 (125 for what this build does not know) if they are wrong. Once,
/// before the first input.
void start(const char *scheme);

/// What mutations are to make: the operations that the planted bug or the scheme is about, as in
/// `lazymm run`. After start().
const schedule::Alphabet &operations();

/// Runs the schedule that the input stands for. On a violation prints the picture, the token and
/// "ASSERTION FAILED: <oracle> scheme=<name>" to standard error, and aborts.
void run_input(const std::uint8_t *data, std::size_t size);

} // namespace lazymm::fuzz
