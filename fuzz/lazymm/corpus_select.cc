// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/corpus_select.h"

#include "core/schedule/bytes.h"
#include "fuzz/lazymm/corpus_shown.h"
#include "fuzz/lazymm/files.h"
#include "fuzz/lazymm/new_directory.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;

struct Candidate {
	CorpusFile file;
	bool always = false;
	std::size_t size = 0; ///< as bytes, so that text does not count as long
	std::uint64_t digest = 0;

	auto order() const { return std::tie(size, digest, file.path); }
};

/// FNV-1a. Decides between files of one size, no more.
std::uint64_t digest(std::string_view content)
{
	std::uint64_t hash = 0xcbf29ce484222325;
	for (const char c : content)
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
	return hash;
}

bool stays_whatever_it_shows(const CorpusEntry &entry)
{
	return entry.file.kind == CorpusKind::witness ||
	       entry.file.kind == CorpusKind::regression || entry.notes.keep || !entry.schedule;
}

std::vector<Candidate> candidates(const std::vector<std::string> &directories,
				  const std::string &scheme)
{
	std::vector<Candidate> all, others;
	for (const std::string &directory : directories) {
		for (CorpusFile &file : some_corpus_files(directory)) {
			const CorpusEntry entry = read_entry(file, scheme);
			const bool always = stays_whatever_it_shows(entry);
			Candidate &candidate = (always ? all : others).emplace_back();
			candidate.always = always;
			candidate.size = entry.schedule ? schedule::encode(*entry.schedule).size()
							: entry.content.size();
			candidate.digest = digest(entry.content);
			candidate.file = std::move(file);
		}
	}
	std::sort(others.begin(), others.end(),
		  [](const Candidate &a, const Candidate &b) { return a.order() < b.order(); });
	std::move(others.begin(), others.end(), std::back_inserter(all));
	return all;
}

/// Names in the new directory.
class Places
{
public:
	explicit Places(std::string target) : target_(std::move(target)) {}

	/// False if the same content stands there already.
	bool find(const CorpusEntry &entry, std::string &relative)
	{
		const fs::path wanted = home(entry);
		for (unsigned i = 1;; i++) {
			const fs::path name =
				i == 1 ? wanted.filename()
				       : fs::path(fmt::format("{}-{}{}", wanted.stem().string(), i,
							      wanted.extension().string()));
			relative = (wanted.parent_path() / name).string();
			const auto [it, free] = taken_.try_emplace(relative, entry.file.path);
			if (free)
				return true;
			if (read_file(it->second) == entry.content)
				return false;
		}
	}

private:
	fs::path home(const CorpusEntry &entry) const
	{
		const fs::path relative = entry.file.relative;
		if (entry.file.kind != CorpusKind::raw)
			return relative;
		const std::string &scheme = entry.schedule->scheme;
		const fs::path place = fs::path(target_) / relative;
		return scheme_of_path(place.parent_path().string()) == scheme ? relative
									      : scheme / relative;
	}

	std::string target_;
	std::map<std::string, std::string> taken_; ///< relative: where from
};

/// What all that is kept shows.
class Seen
{
public:
	/// Does it show anything new?
	bool add(const Shown &shown)
	{
		bool added = false;
		for (const auto &[what, features] : shown.features)
			added |= features_[what].add(features) > 0;
		for (const std::string &finding : shown.findings)
			added |= findings_.insert(finding).second;
		return added;
	}
	std::size_t features() const
	{
		std::size_t n = 0;
		for (const auto &[what, features] : features_)
			n += features.count();
		return n;
	}
	std::size_t findings() const { return findings_.size(); }

private:
	std::map<std::string, Features> features_;
	std::set<std::string> findings_;
};

} // namespace

Selection select(const std::vector<std::string> &directories, const std::string &scheme,
		 const std::string &target)
{
	Selection selection;
	Shower shower;
	Places places(target);
	Seen seen;
	for (const Candidate &candidate : candidates(directories, scheme)) {
		const CorpusEntry entry = read_entry(candidate.file, scheme);
		Shown shown;
		if (entry.schedule)
			shown = shower.show(*entry.schedule, entry.notes);
		else
			shown.why_not = entry.problem;
		const bool doubtful = !shown.why_not.empty();
		const bool adds = seen.add(shown);
		selection.files++;
		std::string relative;
		if (!(candidate.always || doubtful || adds) || !places.find(entry, relative))
			continue;
		if (doubtful)
			selection.doubts.push_back(
				fmt::format("kept as it is, for this build cannot judge it: {}: {}",
					    candidate.file.path, shown.why_not));
		selection.always += candidate.always || doubtful;
		selection.kept.push_back({ candidate.file.path, relative });
	}
	selection.features = seen.features();
	selection.findings = seen.findings();
	return selection;
}

std::string summary(const Selection &selection)
{
	return fmt::format(
		"kept {} of {} schedules ({} of them whatever they show): {} features, {} findings",
		selection.kept.size(), selection.files, selection.always, selection.features,
		selection.findings);
}

} // namespace lazymm::command
