// SPDX-License-Identifier: MIT
// For tests: the command with captured streams.
#pragma once

#include "fuzz/lazymm/verbs.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace lazymm::command
{

struct Captured {
	int status = 0;
	std::string out;
	std::string err;
};

inline std::string content(std::FILE *file)
{
	std::string text;
	std::fflush(file);
	std::rewind(file);
	char buffer[4096];
	while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file))
		text.append(buffer, n);
	return text;
}

/// Runs the command; its standard input holds `input`.
inline Captured capture(const Arguments &arguments, const std::string &input = "")
{
	std::FILE *in = std::tmpfile(), *out = std::tmpfile(), *err = std::tmpfile();
	std::fwrite(input.data(), 1, input.size(), in);
	std::fflush(in);
	std::rewind(in);
	Captured captured;
	{
		Console console(in, out, err);
		captured.status = run_command(arguments, console);
	}
	captured.out = content(out);
	captured.err = content(err);
	for (std::FILE *file : { in, out, err })
		std::fclose(file);
	return captured;
}

/// The same without files, for tests that limit or count those, and for many runs.
inline Captured capture_in_memory(const Arguments &arguments)
{
	struct Stream {
		char *text = nullptr;
		std::size_t size = 0;
		std::FILE *file = open_memstream(&text, &size);

		std::string take()
		{
			std::fclose(file);
			std::string all(text, size);
			std::free(text);
			return all;
		}
	} out, err;
	std::FILE *in = std::fopen("/dev/null", "r");
	Captured captured;
	{
		Console console(in, out.file, err.file);
		captured.status = run_command(arguments, console);
	}
	captured.out = out.take();
	captured.err = err.take();
	std::fclose(in);
	return captured;
}

} // namespace lazymm::command
