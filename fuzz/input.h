// SPDX-License-Identifier: MIT
// What a fuzz target makes of its input. `lazymm replay` does the same with raw bytes, so that an
// artefact shows there what it showed in the target.
#pragma once

#include "core/schedule/bytes.h"
#include "core/schedule/limits.h"

#include <cstdint>
#include <span>

namespace lazymm::fuzz
{

/// Longest input that an engine should try; a seed takes some 20 bytes.
inline constexpr unsigned kLongestInput = 512;

/// What is the experiment's to choose, not the input's.
struct Experiment {
	schedule::Memory memory = schedule::Memory::sc;
	unsigned cpus = 0; ///< 0: as the input says
};

/// The schedule that `bytes` stand for, under the hotplug protocol and on the architecture that the
/// scheme was made for. Leaves scheme, bug and weaken alone; allocates seldom when `out` is used
/// again.
inline void from_input(std::span<const std::uint8_t> bytes, const Experiment &experiment,
		       schedule::Schedule &out)
{
	schedule::decode(bytes, out);
	out.memory = experiment.memory;
	out.hotplug = schedule::Hotplug::scheme;
	out.arch = schedule::Arch::scheme;
	if (experiment.cpus && experiment.cpus != out.cpus.size()) {
		out.cpus.resize(experiment.cpus);
		schedule::clip(out);
	}
}

} // namespace lazymm::fuzz
