// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/console.h"

#include "fuzz/lazymm/failure.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lazymm::command
{

namespace
{

std::string_view environment(const char *name)
{
	const char *value = std::getenv(name);
	return value ? value : "";
}

bool wants_color(std::FILE *out)
{
	if (!environment("NO_COLOR").empty())
		return false;
	if (const auto force = environment("CLICOLOR_FORCE"); !force.empty() && force != "0")
		return true;
	return environment("CLICOLOR") != "0" && environment("TERM") != "dumb" &&
	       isatty(fileno(out)) == 1;
}

} // namespace

Console::Console(std::FILE *in, std::FILE *out, std::FILE *err) : in_(in), out_(out), err_(err)
{
	set_color(Color::automatic);
}

void Console::print(std::string_view text)
{
	if (held_back_)
		return;
	if (std::fwrite(text.data(), 1, text.size(), out_) != text.size() && !error_)
		error_ = errno;
}

void Console::complain(std::string_view text)
{
	std::fwrite(text.data(), 1, text.size(), err_);
	std::fflush(err_);
}

void Console::flush()
{
	errno = 0;
	const bool failed_before = std::ferror(out_);
	if (std::fflush(out_) == 0 && !failed_before)
		return;
	const int error = error_ ? error_ : errno ? errno : EIO;
	error_ = 0;
	std::clearerr(out_);
	throw Failure(fmt::format("cannot write to standard output: {}; what was printed is not "
				  "complete",
				  std::strerror(error)));
}

void Console::set_color(Color color)
{
	style_.colour = color == Color::always || (color == Color::automatic && wants_color(out_));
}

bool Console::err_is_terminal() const
{
	return isatty(fileno(err_)) == 1 && environment("TERM") != "dumb";
}

unsigned Console::err_width() const
{
	winsize size{};
	return ioctl(fileno(err_), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int Console::in_descriptor() const
{
	return fileno(in_);
}

namespace
{

/// Length of the UTF-8 character that `text` begins with; 0 if it is none, or a control character
/// (C1: some terminals act on those too).
std::size_t character(std::string_view text)
{
	const auto byte = [&](std::size_t i) {
		return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
	};
	const unsigned first = byte(0);
	if (first < 0x80)
		return first >= 0x20 && first != 0x7f;
	const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	for (std::size_t i = 1; i < length; i++) {
		if ((byte(i) & 0xc0) != 0x80)
			return 0;
	}
	const bool too_long =
		(first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
	const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
	const bool control = first == 0xc2 && byte(1) < 0xa0;
	return too_long || beyond || control ? 0 : length;
}

} // namespace

std::string printable(std::string_view text)
{
	std::string out;
	while (!text.empty()) {
		const std::size_t length = character(text);
		if (length)
			out += text.substr(0, length);
		else
			out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
		text.remove_prefix(length ? length : 1);
	}
	return out;
}

} // namespace lazymm::command
