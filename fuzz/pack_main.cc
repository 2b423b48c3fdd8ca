// SPDX-License-Identifier: MIT
// fuzz_pack SCHEME DIRECTORY [FILE...]: make in a new DIRECTORY what OSS-Fuzz wants beside a
// target: `seeds/` with the schedules of the files as the target's bytes, `dict`, and `options`. A
// schedule that shows a violation in the target stays out, since an engine would find nothing else;
// the witness of a planted bug is a good seed for the scheme without it. ci/oss-fuzz/build.sh runs
// it, in place of the lazymm command, which needs more libraries than the targets do.
//
// Exit status: 0; 1 if the scheme is broken as it was posted, and no target for it should run where
// nobody looks; 2 for bad usage or files.
#include "core/harness/run.h"
#include "core/schedule/text.h"
#include "core/schemes/registry.h"
#include "fuzz/dictionary.h"
#include "fuzz/input.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

namespace
{

using namespace lazymm;
namespace fs = std::filesystem;

/// What ClusterFuzz passes to libFuzzer. A run takes well under a millisecond.
std::string options()
{
	return fmt::format("[libfuzzer]\nmax_len = {}\ntimeout = {}\nrss_limit_mb = {}\n",
			   fuzz::kLongestInput, 10, 2048);
}

std::string read_file(const fs::path &path)
{
	std::ifstream in(path, std::ios::binary);
	std::string content{ std::istreambuf_iterator<char>(in), {} };
	if (!in.is_open() || in.bad())
		throw std::runtime_error(fmt::format("cannot read '{}'", path.string()));
	return content;
}

void write_file(const fs::path &path, std::string_view content)
{
	std::ofstream out(path, std::ios::binary);
	if (!out.write(content.data(), static_cast<std::streamsize>(content.size())).flush())
		throw std::runtime_error(fmt::format("cannot write '{}'", path.string()));
}

/// Text is for people; anything else is an engine's already.
std::string bytes_of(const fs::path &path)
{
	std::string content = read_file(path);
	if (path.extension() != ".sched")
		return content;
	const auto parsed = schedule::parse_text(content, path.string());
	if (const auto *error = std::get_if<schedule::ParseError>(&parsed))
		throw std::runtime_error(error->str());
	const auto bytes = schedule::encode(std::get<schedule::Schedule>(parsed));
	return { bytes.begin(), bytes.end() };
}

class Pack
{
public:
	Pack(const char *scheme, fs::path directory) : directory_(std::move(directory))
	{
		schedule_.scheme = scheme;
		// As in the target.
		if (const char *bug = std::getenv("LAZYMM_BUG"))
			schedule_.bug = bug;
		if (const auto refusal = runner_.prepare(schedule_))
			throw std::runtime_error(refusal->message);
		if (!fs::create_directories(directory_ / "seeds"))
			throw std::runtime_error(
				fmt::format("'{}' exists already", directory_.string()));
		write_file(directory_ / "dict", fuzz::dictionary());
		write_file(directory_ / "options", options());
	}

	void add(const fs::path &file)
	{
		const std::string bytes = bytes_of(file);
		fuzz::from_input(
			{ reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size() }, {},
			schedule_);
		const Result &result = runner_.run(schedule_);
		if (bytes.size() > fuzz::kLongestInput || result.finding) {
			std::fprintf(stderr, "fuzz_pack: %s stays out: %s\n", file.c_str(),
				     result.finding ? result.finding->oracle.c_str() : "too long");
			return;
		}
		const std::string kind = file.parent_path().filename().string();
		write_file(directory_ / "seeds" / fmt::format("{}-{}", kind, file.stem().string()),
			   bytes);
	}

private:
	fs::path directory_;
	schedule::Schedule schedule_;
	Runner runner_;
};

int run(int argc, char **argv)
{
	if (argc < 3)
		throw std::runtime_error("usage: fuzz_pack SCHEME DIRECTORY [FILE...]");
	const schemes::SchemeInfo *scheme = schemes::find_scheme(argv[1]);
	if (scheme && scheme->expect == schemes::Expect::broken) {
		std::fprintf(stderr, "fuzz_pack: %s is broken as it was posted: no target\n",
			     argv[1]);
		return 1;
	}
	Pack pack(argv[1], argv[2]);
	for (int i = 3; i < argc; i++)
		pack.add(argv[i]);
	return 0;
}

} // namespace

int main(int argc, char **argv)
{
	try {
		return run(argc, argv);
	} catch (const std::exception &error) {
		std::fprintf(stderr, "fuzz_pack: %s\n", error.what());
		return 2;
	}
}
