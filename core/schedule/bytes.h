// SPDX-License-Identifier: MIT
// Bytes <-> schedule. Any bytes are a schedule, so that an engine that knows nothing of schedules
// (libFuzzer, AFL++, Centipede) searches them with its plain byte mutations.
//
// clang-format off
//	stream   := header [arch] [search] item*
//	header   := memory:2 hotplug:2 mm:1 cpus:2 search:1	low bits first; cpus counts from 2:
//								0 = 2, 1 = 3, 2 = 4, 3 = 1
//	arch     := arch:3 hotplug:2		if the header's hotplug is 3, in whose place this
//						one's stands; the other bits mean nothing
//	search   := strategy seed		if the header's last bit is set; seed: LEB128, 32
//								bits
//	item     := op | decision
//	op       := 0..223: cpu:2 code:6	appended to the script of that CPU
//			code 0..54: an operation with its operand; 55: the next byte has one of 50
//			others: nine rare ones (task F, and what only makes sense when task A is
//			gone), then user code, membarrier and page tables
//	decision := 224..255: short:2 kind:3 delta [arg]	for the op before it
//			the anchor lies `delta` (LEB128, 14 bits) after the one before it, or after 1
//			run: the CPU is `short`; irq, preempt: no argument; others: the argument is
//			`short` if that is below 3, else the next byte
// clang-format on
//
// What makes byte mutations meaningful: an operation is one byte whatever its operand, so a change
// or an insertion seldom changes what the bytes after it mean; a flip of the low bits moves an
// operation to another CPU, of the others makes it another operation; the header has no influence
// on how the rest is framed (but for the search bit, and where the hotplug bits say that the
// architecture follows). Values out of range are reduced by modulo,
// anchors stop at kMaxAt, a missing tail reads as zeros, items beyond a limit and decisions before
// any operation are passed over. So the decoder has no error, reads each byte once and never one
// that is not there.
//
// The canonical bytes have cpu0's operations first, then cpu1's, ..., and zeros cut off at the end:
// no shorter bytes in that order decode to the same. The order between CPUs says nothing: when a
// CPU runs is a matter of decisions.
//
// Measured: an operation 1 byte, 2 for those behind code 55; a decision 2 bytes for an anchor less
// than 128 after the one before and a small argument; a search 2 to 6 bytes. The example in text.h
// (4 operations, 3 decisions, a search) takes 13 bytes, a random schedule of 10 operations with its
// search 14 to 20; no schedule more than 450 KiB. The empty string is an empty schedule with 2
// CPUs. 10 operations decode in 40 ns, with a decision each in 70 ns (bytes_bench.cc, clang 19 -O2,
// a Xeon server).
#pragma once

#include "core/schedule/schedule.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lazymm::schedule
{

/// Make `out` the schedule that `bytes` stand for; never fails. Leaves scheme, bug and weaken of
/// `out` alone: bytes do not carry them. Reuses the storage of `out`, so decoding into the same
/// schedule again and again seldom allocates. Linear time; `out` is within the limits (limits.h).
void decode(std::span<const std::uint8_t> bytes, Schedule &out);

/// The canonical bytes of a schedule. `decode(encode(s)) == s` for every schedule within the
/// limits, but for scheme, bug and weaken; one beyond them is encoded as clip() would leave it.
std::vector<std::uint8_t> encode(const Schedule &schedule);

} // namespace lazymm::schedule
