// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/options.h"

#include "fuzz/lazymm/failure.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

/// Levenshtein's distance, by rows.
std::size_t edit_distance(std::string_view a, std::string_view b)
{
	std::vector<std::size_t> row(b.size() + 1);
	for (std::size_t j = 0; j <= b.size(); j++)
		row[j] = j;
	for (std::size_t i = 1; i <= a.size(); i++) {
		std::size_t diagonal = row[0];
		row[0] = i;
		for (std::size_t j = 1; j <= b.size(); j++) {
			const std::size_t above = row[j];
			row[j] = std::min(
				{ diagonal + (a[i - 1] != b[j - 1]), above + 1, row[j - 1] + 1 });
			diagonal = above;
		}
	}
	return row[b.size()];
}

/// No name of ours is longer; no word that is much longer is a slip of the pen.
constexpr std::size_t kLongestWord = 80;

/// "--foo" of "--foo=1".
std::string option_name(const std::string &argument)
{
	return argument.substr(0, argument.find('='));
}

} // namespace

CommandLine::CommandLine(const char *verb, const char *what, const char *examples)
	: app_(what, fmt::format("lazymm {}", verb))
{
	app_.footer(fmt::format("example: {}", examples));
	app_.get_formatter()->column_width(28);
	app_.add_option("--color", color_, "auto, always or never")->type_name("WHEN");
}

std::optional<int> CommandLine::parse(Arguments arguments, Console &console)
{
	app_.allow_extras();
	std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
	try {
		app_.parse(std::move(arguments));
	} catch (const CLI::CallForHelp &) {
		console.print(app_.help());
		return kClean;
	} catch (const CLI::ParseError &error) {
		throw Failure(fmt::format("{}; see '{} --help'", error.what(), app_.get_name()));
	}
	if (const auto extras = app_.remaining(); !extras.empty())
		unexpected(extras);
	constexpr std::string_view colors[] = { "auto", "always", "never" };
	console.set_color(static_cast<Color>(choose("--color", color_, colors)));
	return std::nullopt;
}

void CommandLine::unexpected(const std::vector<std::string> &extras) const
{
	const std::string &first = extras.front();
	std::vector<std::string> names;
	for (const CLI::Option *option : app_.get_options()) {
		for (const std::string &name : option->get_lnames())
			names.push_back("--" + name);
	}
	const std::vector<std::string_view> views(names.begin(), names.end());
	const std::string help = fmt::format("see '{} --help'", app_.get_name());
	if (first.starts_with('-'))
		throw Failure(fmt::format("unknown option '{}'{}", first,
					  did_you_mean(option_name(first), views, help)));
	throw Failure(fmt::format("unexpected argument '{}'; {}", first, help));
}

CLI::Validator is_seconds()
{
	return CLI::Validator(
		[](std::string &word) {
			double value = 0;
			const char *end = word.data() + word.size();
			const auto [rest, error] = std::from_chars(word.data(), end, value);
			const bool good = error == std::errc() && rest == end &&
					  std::isfinite(value) && value >= 0;
			return good ? std::string()
				    : fmt::format("expected seconds, found '{}'", word);
		},
		"SECONDS", "seconds");
}

CLI::Validator is_number(std::uint64_t min, std::uint64_t max)
{
	return CLI::Validator(
		[min, max](std::string &word) {
			std::uint64_t value = 0;
			const char *end = word.data() + word.size();
			const auto [rest, error] = std::from_chars(word.data(), end, value);
			if (error == std::errc() && rest == end && value >= min && value <= max)
				return std::string();
			if (max == std::numeric_limits<std::uint64_t>::max())
				return fmt::format(
					"expected a whole number of at least {}, found '{}'", min,
					word);
			return fmt::format("expected a whole number from {} to {}, found '{}'", min,
					   max, word);
		},
		"N", "number");
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> names,
			 std::string_view otherwise)
{
	std::string_view best;
	std::size_t best_distance = std::max<std::size_t>(2, word.size() / 4) + 1;
	for (const std::string_view name : names) {
		if (word.size() > kLongestWord)
			break;
		const std::size_t distance = edit_distance(word, name);
		if (distance < best_distance && distance < word.size()) {
			best = name;
			best_distance = distance;
		}
	}
	return best.empty() ? fmt::format("; {}", otherwise)
			    : fmt::format("; did you mean '{}'?", best);
}

std::size_t choose(const char *option, std::string_view word,
		   std::span<const std::string_view> names)
{
	const auto it = std::find(names.begin(), names.end(), word);
	if (it != names.end())
		return static_cast<std::size_t>(it - names.begin());
	throw Failure(fmt::format(
		"{}: unknown '{}'{}", option, word,
		did_you_mean(word, names, fmt::format("there is {}", fmt::join(names, ", ")))));
}

std::vector<std::string> split(const std::vector<std::string> &lists)
{
	std::vector<std::string> parts;
	for (const std::string &list : lists) {
		std::size_t at = 0;
		while (at <= list.size()) {
			const std::size_t end = std::min(list.find(',', at), list.size());
			if (end > at)
				parts.push_back(list.substr(at, end - at));
			at = end + 1;
		}
	}
	return parts;
}

} // namespace lazymm::command
