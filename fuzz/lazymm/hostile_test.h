// SPDX-License-Identifier: MIT
// For tests: files that somebody might be handed by mistake or in bad faith. The n-th is always the
// same one.
#pragma once

#include "core/schedule/bytes.h"
#include "core/schedule/token.h"
#include "fuzz/lazymm/command_test.h"
#include "fuzz/lazymm/directory_test.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace lazymm::command
{

class HostileFiles
{
public:
	/// What is made worse: texts of the corpus, litmus tests.
	HostileFiles();

	/// The n-th file's content; at most a little over kMaxInput.
	std::string make(std::uint32_t n);
	/// A word for a command line: no NUL in it, perhaps empty.
	std::string word(std::uint32_t n);

private:
	std::size_t below(std::size_t n) { return n ? random_() % n : 0; }
	std::string random_bytes(std::size_t size);
	/// A schedule's text, token or bytes, or a litmus test.
	std::string valid();
	const std::string &valid_text() { return texts_[below(texts_.size())]; }
	std::string edited(std::string text);
	std::string repeated(const std::string &text);
	std::string deep();
	std::string huge_numbers(const std::string &text);
	std::string many();
	std::string insert_often(std::string text, const std::string &what);

	std::mt19937 random_;
	std::vector<std::string> texts_, tokens_, bytes_, litmus_;
};

/// What is wrong with how a command ended, given anything: "" if nothing is. `raw`: what it prints
/// may be bytes. `longest`: of lines of an error, which may repeat a word of the command line.
std::string wrong_with(const Captured &captured, bool raw = false, std::size_t longest = 4096);

} // namespace lazymm::command
