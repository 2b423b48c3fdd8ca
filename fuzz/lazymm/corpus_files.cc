// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/corpus_files.h"

#include "core/schedule/text.h"
#include "core/schemes/registry.h"
#include "fuzz/input.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"
#include "fuzz/lazymm/leftovers.h"
#include "fuzz/lazymm/new_directory.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;

constexpr std::array<const char *, kCorpusKinds> kKinds = { "seeds", "witnesses", "regressions",
							    "raw" };

bool is_schedule(const fs::directory_entry &entry)
{
	const std::string extension = entry.path().extension().string();
	std::error_code ignored;
	return entry.is_regular_file(ignored) && (extension.empty() || extension == ".sched");
}

bool is_hidden(const fs::path &path)
{
	return path.filename().string().starts_with('.');
}

/// Calls visit(entry) for what is not a directory.
template <class Visit>
void walk(const std::string &directory, bool hidden, const Visit &visit)
{
	std::error_code error, ignored;
	fs::recursive_directory_iterator it(directory, error);
	while (!error && it != fs::recursive_directory_iterator()) {
		const fs::path path = it->path();
		if (it->is_directory(ignored) && !it->is_symlink(ignored)) {
			const std::string name = path.filename().string();
			if (is_put_away(name) || is_temporary(name) || (!hidden && is_hidden(path)))
				it.disable_recursion_pending();
		} else if (hidden || !is_hidden(path)) {
			visit(*it);
		}
		it.increment(error);
	}
	if (error)
		throw Failure(fmt::format("cannot read the corpus '{}': {}; give a directory of "
					  "schedules",
					  directory, error.message()));
}

CorpusKind kind_of(const fs::path &path)
{
	if (path.extension() != ".sched")
		return CorpusKind::raw;
	const std::string folder = path.parent_path().filename().string();
	if (folder == kKinds[static_cast<unsigned>(CorpusKind::witness)])
		return CorpusKind::witness;
	if (folder == kKinds[static_cast<unsigned>(CorpusKind::regression)])
		return CorpusKind::regression;
	return CorpusKind::seed;
}

/// What follows `key` on a line of its own.
std::string value_of(std::string_view line, std::string_view key)
{
	std::string_view value = line.starts_with(key) ? line.substr(key.size()) : "";
	while (!value.empty() && (value.back() == '\r' || value.back() == ' '))
		value.remove_suffix(1);
	return std::string(value);
}

} // namespace

const char *name(CorpusKind kind)
{
	return kKinds[static_cast<unsigned>(kind)];
}

std::string scheme_of_path(const std::string &path)
{
	std::error_code ignored;
	const fs::path absolute = fs::absolute(path, ignored).lexically_normal();
	std::string scheme;
	for (const fs::path &part : absolute) {
		if (schemes::find_scheme(part.string()))
			scheme = part.string();
	}
	return scheme;
}

std::vector<CorpusFile> corpus_files(const std::string &directory)
{
	std::vector<CorpusFile> files;
	walk(directory, false, [&](const fs::directory_entry &entry) {
		if (!is_schedule(entry))
			return;
		const fs::path &path = entry.path();
		files.push_back({ path.string(), path.lexically_relative(directory).string(),
				  kind_of(path), scheme_of_path(path.parent_path().string()) });
	});
	std::sort(files.begin(), files.end(),
		  [](const CorpusFile &a, const CorpusFile &b) { return a.path < b.path; });
	return files;
}

std::vector<CorpusFile> some_corpus_files(const std::string &directory)
{
	std::vector<CorpusFile> files = corpus_files(directory);
	if (files.empty())
		throw Failure(fmt::format("there are no schedules in '{}', neither *.sched nor raw "
					  "bytes; is it the right directory?",
					  directory));
	return files;
}

std::vector<std::string> other_files(const std::string &directory)
{
	std::vector<std::string> files;
	walk(directory, true, [&](const fs::directory_entry &entry) {
		std::error_code ignored;
		const bool wanted = entry.is_symlink(ignored) || entry.is_regular_file(ignored);
		if (wanted && !is_temporary(entry.path().filename().string()) &&
		    (is_hidden(entry.path()) || !is_schedule(entry)))
			files.push_back(entry.path().lexically_relative(directory).string());
	});
	std::sort(files.begin(), files.end());
	return files;
}

CorpusNotes read_notes(std::string_view text)
{
	CorpusNotes notes;
	while (!text.empty()) {
		const std::string_view line = text.substr(0, text.find('\n'));
		text.remove_prefix(std::min(line.size() + 1, text.size()));
		if (!line.starts_with("# "))
			continue;
		notes.any = true;
		if (notes.expect.empty())
			notes.expect = value_of(line, "# expect: ");
		if (notes.oracles.empty())
			notes.oracles = value_of(line, "# oracles: ");
		notes.keep = notes.keep || line == "# keep" || line == "# keep\r" ||
			     line.starts_with("# keep:");
	}
	return notes;
}

CorpusEntry read_entry(const CorpusFile &file, const std::string &scheme)
{
	CorpusEntry entry{ .file = file, .content = read_file(file.path) };
	if (file.kind != CorpusKind::raw) {
		auto parsed = schedule::parse_text(entry.content, file.path);
		if (const auto *error = std::get_if<schedule::ParseError>(&parsed)) {
			entry.problem = error->str();
			entry.other_build = error->kind == schedule::ParseError::Kind::too_new;
		} else {
			entry.schedule = std::get<schedule::Schedule>(std::move(parsed));
		}
		entry.notes = read_notes(entry.content);
		return entry;
	}
	if (scheme.empty() && file.scheme.empty())
		throw Failure(fmt::format("'{}' is raw bytes, and no directory above it has the "
					  "name of a scheme: say --scheme NAME",
					  file.path));
	entry.schedule.emplace().scheme = scheme.empty() ? file.scheme : scheme;
	const auto *data = reinterpret_cast<const std::uint8_t *>(entry.content.data());
	fuzz::from_input({ data, entry.content.size() }, {}, *entry.schedule);
	return entry;
}

} // namespace lazymm::command
