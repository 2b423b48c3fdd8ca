// SPDX-License-Identifier: MIT
// Runs the files given as arguments, and those in directories given, where there is no fuzzing
// engine: regression tests, and a target that is always built so that it cannot rot. Without
// arguments one input is read from standard input. Arguments with a dash are an engine's, and are
// passed over.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace
{

namespace fs = std::filesystem;

void run(std::istream &in)
{
	const std::string content{ std::istreambuf_iterator<char>(in), {} };
	LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(content.data()),
			       content.size());
}

std::vector<fs::path> inputs(int argc, char **argv)
{
	std::vector<fs::path> files;
	for (int i = 1; i < argc; i++) {
		const fs::path path = argv[i];
		if (argv[i][0] == '-')
			continue;
		if (!fs::is_directory(path)) {
			files.push_back(path);
			continue;
		}
		std::vector<fs::path> inside;
		for (const fs::directory_entry &entry : fs::recursive_directory_iterator(path)) {
			if (entry.is_regular_file())
				inside.push_back(entry.path());
		}
		std::sort(inside.begin(), inside.end());
		files.insert(files.end(), inside.begin(), inside.end());
	}
	return files;
}

int run_all(int argc, char **argv)
{
	if (argc == 1) {
		run(std::cin);
		return 0;
	}
	std::size_t done = 0;
	for (const fs::path &path : inputs(argc, argv)) {
		std::ifstream in(path, std::ios::binary);
		if (!in || fs::is_directory(path)) {
			std::fprintf(stderr, "%s: cannot read '%s'; give files or directories\n",
				     argv[0], path.c_str());
			return 2;
		}
		run(in);
		done++;
	}
	std::fprintf(stderr, "%s: ran %zu inputs, no violation\n", argv[0], done);
	return 0;
}

} // namespace

int main(int argc, char **argv)
{
	LLVMFuzzerInitialize(&argc, &argv);
	try {
		return run_all(argc, argv);
	} catch (const std::exception &error) {
		std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
		return 2;
	}
}
