// SPDX-License-Identifier: MIT
// What a schedule of a corpus shows: by this, merge and prune decide what to keep, and check
// whether a corpus has become smaller.
#pragma once

#include "fuzz/lazymm/corpus_files.h"
#include "fuzz/reads_from.h"

#include "core/harness/run.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace lazymm::command
{

/// What a fuzz target learns of a run: Result::features, then reads-from pairs.
class Features
{
public:
	static constexpr std::size_t kEvents = kernel::Kernel::kFeatures;
	static constexpr std::size_t kBits = kEvents + fuzz::kPairs;

	void add(const Result &result);
	/// How many of `others` are not among these; adds them.
	std::size_t add(const Features &others);
	std::size_t count() const;
	/// How many of `others` are not among these.
	std::size_t lacking(const Features &others) const;

private:
	std::array<std::uint64_t, kBits / 64> words_{};
};

struct Shown {
	/// By what ran: "refcount", "refcount bug ID". A schedule is run as it stands, and as a
	/// search or a fuzz target of its scheme would start from it (without a bug, on sc, on the
	/// scheme's own architecture).
	std::map<std::string, Features> features;
	/// "refcount bug ID: ORACLE KIND".
	std::vector<std::string> findings;
	/// Of the run as it stands.
	std::optional<Finding> finding;
	std::string why_not; ///< this build cannot run it: why
};

class Shower
{
public:
	/// Runs a schedule. Only those oracles speak that the notes name.
	Shown show(const Schedule &schedule, const CorpusNotes &notes);

private:
	bool run(const Schedule &schedule, const RunOptions &options, Shown &shown);

	Runner runner_;
};

} // namespace lazymm::command
