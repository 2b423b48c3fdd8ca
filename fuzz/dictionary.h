// SPDX-License-Identifier: MIT
// The operation table as a dictionary: what a fuzzing engine that mutates bytes may insert.
#pragma once

#include <string>

namespace lazymm::fuzz
{

/// In the format that libFuzzer and AFL++ read, a `name="bytes"` to a line: each operation with
/// each operand on two CPUs (a flip of the lowest bits makes the others of it), each kind of
/// decision with its small arguments. All bytes are what schedule::encode() writes.
std::string dictionary();

} // namespace lazymm::fuzz
