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

std::string printable(std::string_view text)
{
	std::string out;
	for (const char c : text) {
		const auto byte = static_cast<unsigned char>(c);
		if (byte < 0x20 || byte == 0x7f)
			out += fmt::format("\\x{:02x}", byte);
		else
			out += c;
	}
	return out;
}

} // namespace lazymm::command
