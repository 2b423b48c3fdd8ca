// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/hostile_test.h"

#include "fuzz/lazymm/console.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"

#include <algorithm>
#include <filesystem>

namespace lazymm::command
{

namespace
{

namespace fs = std::filesystem;

std::vector<std::string> contents(const std::string &directory, const std::string &extension,
				  std::size_t every)
{
	std::vector<fs::path> paths;
	for (const auto &entry : fs::recursive_directory_iterator(directory)) {
		if (entry.path().extension() == extension)
			paths.push_back(entry.path());
	}
	std::sort(paths.begin(), paths.end());
	std::vector<std::string> texts;
	for (std::size_t i = 0; i < paths.size(); i += every)
		texts.push_back(content_of(paths[i]));
	return texts;
}

} // namespace

HostileFiles::HostileFiles()
	: texts_(contents(LAZYMM_SOURCE_DIR "/corpus", ".sched", 3)),
	  litmus_(contents(LAZYMM_SOURCE_DIR "/core/litmus", ".litmus", 7))
{
	for (const std::string &text : texts_) {
		const auto parsed = schedule::parse_text(text, "");
		const auto &schedule = std::get<schedule::Schedule>(parsed);
		tokens_.push_back(schedule::to_token(schedule));
		const std::vector<std::uint8_t> bytes = schedule::encode(schedule);
		bytes_.emplace_back(bytes.begin(), bytes.end());
	}
}

std::string HostileFiles::random_bytes(std::size_t size)
{
	std::string bytes(size, '\0');
	for (char &byte : bytes)
		byte = static_cast<char>(random_());
	return bytes;
}

std::string HostileFiles::valid()
{
	switch (below(6)) {
	case 0:
		return tokens_[below(tokens_.size())];
	case 1:
		return bytes_[below(bytes_.size())];
	case 2:
	case 3:
		return litmus_[below(litmus_.size())];
	default:
		return valid_text();
	}
}

/// As a fuzzer would: a byte or a piece is changed, cut out, doubled or moved.
std::string HostileFiles::edited(std::string text)
{
	for (std::size_t edits = 1 + below(5); edits && !text.empty(); edits--) {
		const std::size_t at = below(text.size()), size = 1 + below(12);
		const std::string piece = text.substr(at, size);
		switch (below(6)) {
		case 0:
			text[at] = static_cast<char>(random_());
			break;
		case 1:
			text[at] = static_cast<char>(text[at] ^ 1 << below(8));
			break;
		case 2:
			text.erase(at, size);
			break;
		case 3:
			text.insert(below(text.size()), piece);
			break;
		case 4:
			text.insert(at, std::to_string(random_()));
			break;
		default:
			text.insert(at, 1, "+-#\"\\ \n\t(){}[]:=~0"[below(19)]);
		}
	}
	return text;
}

std::string HostileFiles::repeated(const std::string &text)
{
	const std::size_t at = below(text.size()), size = 1 + below(80);
	const std::string piece = text.substr(at, size);
	std::string many;
	for (const std::size_t wanted = 1 + below(100'000); many.size() < wanted;)
		many += piece;
	return text.substr(0, at) + many + text.substr(at);
}

/// Brackets in brackets, where a parser might go down with its stack.
std::string HostileFiles::deep()
{
	static const char *const kPieces[][3] = {
		{ "C deep\n{}\nP0(int *x)\n{\n\tint r0 = ", "(", "1" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tint r0 = ", "-", "1" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tint r0 = ", "1 + ", "1" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tint r0 = ", "1 ? 1 : ", "1" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tint r0 = ", "(int)", "1" },
		{ "C deep\n{}\nP0(int *x)\n{\n\t", "{ ", "" },
		{ "C deep\n{}\nP0(int *x)\n{\n\t", "if (1) ", "WRITE_ONCE(*x, 1);" },
		{ "C deep\n{}\nP0(int *x)\n{\n\t", "do ", "" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (", "~", "x=1)" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (", "(", "x=1" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (", "x=1 /\\ ",
		  "x=1)" },
		{ "C deep\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (", "x=1 \\/ ",
		  "x=1)" },
		{ "C deep\n", "(* ", "" },
		{ "lazymm-schedule 1\nscheme refcount\nweaken \"", "\\\"", "\"\n" },
		{ "lazymm-schedule 1\nscheme refcount\n", "weaken \"a\"\n", "cpus 2\n" },
	};
	const auto &[head, piece, tail] = kPieces[below(std::size(kPieces))];
	std::string text = head;
	const std::size_t times = 1 + below(below(4) ? 300 : 50'000);
	for (std::size_t i = 0; i < times; i++)
		text += piece;
	return text + tail;
}

std::string HostileFiles::huge_numbers(const std::string &text)
{
	static const char *const kNumbers[] = { "0",
						"-1",
						"255",
						"256",
						"16384",
						"65536",
						"4294967296",
						"9223372036854775808",
						"18446744073709551616",
						"1e9",
						"0x7fffffff" };
	std::string out;
	for (std::size_t i = 0; i < text.size(); i++) {
		if (text[i] < '0' || text[i] > '9' || below(3)) {
			out += text[i];
			continue;
		}
		out += below(20) ? kNumbers[below(std::size(kNumbers))]
				 : std::string(1 + below(5000), '9');
	}
	return out;
}

/// Thousands of CPUs, operations, decisions or settings.
std::string HostileFiles::many()
{
	static const char *const kLines[] = {
		"cpu0\n",	   "cpu9\n",
		"  switch B\n",	   "  exit +1 irq\n",
		"  +5 run cpu1\n", "cpus 4096\n",
		"memory tso\n",	   "  fork B +1 run cpu0 +2 run cpu1 +3 preempt\n"
	};
	std::string text = "lazymm-schedule 1\nscheme refcount\ncpus 4\ncpu0\n  fork B\n";
	const std::string line = kLines[below(std::size(kLines))];
	for (std::size_t i = below(below(5) ? 600 : 20'000); i; i--)
		text += line;
	return text;
}

std::string HostileFiles::insert_often(std::string text, const std::string &what)
{
	for (std::size_t i = 1 + below(10); i; i--)
		text.insert(below(text.size()), what);
	return text;
}

std::string HostileFiles::make(std::uint32_t n)
{
	random_.seed(n);
	const std::string good = valid();
	switch (n % 16) {
	case 0:
		return random_bytes(below(600));
	case 1:
		return good.substr(0, below(good.size()));
	case 2:
	case 3:
	case 4:
	case 5:
		return edited(good);
	case 6:
		return repeated(good);
	case 7:
		return deep();
	case 8:
		return huge_numbers(good);
	case 9:
		return many();
	case 10:
		return insert_often(good, std::string(1 + below(3), '\0'));
	case 11: {
		static const char *const kBad[] = {
			"\xff",		  "\xc0\xaf", "\xed\xa0\x80",	 "\x9b[2J",
			"\xc2\x9b\x33Jm", "\x1b[31m", "\xf4\x90\x80\x80"
		};
		return insert_often(good, kBad[below(std::size(kBad))]);
	}
	case 12:
		return insert_often(
			good, std::string(1 + below(60'000), ' ' + static_cast<char>(below(95))));
	case 13:
		return "LMM1:refcount:" + random_bytes(below(50)) + std::string(below(3000), 'A');
	case 14:
		return edited(edited(edited(valid_text())));
	default:
		if (n % 160 == 15)
			return repeated(good) + std::string(kMaxInput - 1000 + below(3000), '#');
		return good + random_bytes(below(40)) + good;
	}
}

std::string HostileFiles::word(std::uint32_t n)
{
	random_.seed(n);
	static const char *const kWords[] = { "",
					      "-",
					      "--",
					      "=",
					      "--=",
					      "-o",
					      "refcount",
					      "all",
					      "\xff\xfe",
					      "\x1b[31m",
					      "%s%n",
					      "../../etc/passwd",
					      "99999999999999999999",
					      "-1",
					      "1e999",
					      "nan",
					      "," };
	std::string word = kWords[below(std::size(kWords))];
	if (below(2))
		word += random_bytes(below(30));
	if (!below(8))
		word += std::string(below(20'000), 'w');
	std::erase(word, '\0');
	return word;
}

namespace
{

/// The first line that a terminal should not be given, or that is too long; "" if there is none.
std::string bad_line(const std::string &text, std::size_t longest)
{
	for (std::size_t at = 0; at < text.size();) {
		const std::size_t end = std::min(text.find('\n', at), text.size());
		const std::string line = text.substr(at, end - at);
		if (printable(line) != line || line.size() > longest)
			return printable(line.substr(0, 1000));
		at = end + 1;
	}
	return "";
}

} // namespace

std::string wrong_with(const Captured &captured, bool raw, std::size_t longest)
{
	const int status = captured.status;
	if (status != kClean && status != kViolation && status != kUsage && status != kCannotTell)
		return "exit status " + std::to_string(status);
	const auto lines = std::count(captured.err.begin(), captured.err.end(), '\n');
	if ((status == kUsage || status == kCannotTell) &&
	    (lines != 1 || !captured.err.ends_with('\n')))
		return "not one line: " + captured.err;
	if (captured.err.find("bug in the harness") != std::string::npos ||
	    captured.err.find("bug of lazymm") != std::string::npos)
		return captured.err;
	if (const std::string bad = bad_line(captured.err, longest); !bad.empty())
		return "too long, or not printable: " + bad;
	if (const std::string bad = raw ? "" : bad_line(captured.out, ~std::size_t{ 0 });
	    !bad.empty())
		return "not printable: " + bad;
	return "";
}

} // namespace lazymm::command
