// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/source.h"

#include "core/machine/site.h"
#include "core/schedule/names.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"
#include "core/schemes/registry.h"
#include "fuzz/input.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/files.h"

#include <fmt/format.h>

namespace lazymm::command
{

using schedule::Schedule;

namespace
{

constexpr std::string_view kHead = "lazymm-schedule";

std::optional<std::string> site_of(std::uint32_t hash)
{
	for (const machine::Site *site = machine::Site::first(); site; site = site->next()) {
		if (schedule::site_hash(site->name()) == hash)
			return site->name();
	}
	return std::nullopt;
}

Schedule parse_text(std::string_view text, const std::string &name)
{
	auto parsed = schedule::parse_text(text, name);
	if (const auto *error = std::get_if<schedule::ParseError>(&parsed))
		throw Failure(error->str(), error->kind == schedule::ParseError::Kind::too_new
						    ? kCannotTell
						    : kUsage);
	return std::get<Schedule>(std::move(parsed));
}

/// What stands behind blank lines and comments.
std::string_view behind_comments(std::string_view text)
{
	for (;;) {
		const std::size_t at = text.find_first_not_of(" \t\r\n");
		if (at == std::string_view::npos)
			return {};
		text.remove_prefix(at);
		if (text.front() != '#')
			return text;
		text.remove_prefix(std::min(text.find('\n'), text.size()));
	}
}

} // namespace

Schedule schedule_of_token(std::string_view text)
{
	auto parsed = schedule::parse_token(text, site_of);
	if (const auto *error = std::get_if<schedule::TokenError>(&parsed)) {
		const bool other_build = error->kind == schedule::TokenError::Kind::too_new ||
					 error->kind == schedule::TokenError::Kind::unknown_site;
		throw Failure(error->str(), other_build ? kCannotTell : kUsage);
	}
	return std::get<Schedule>(std::move(parsed));
}

namespace
{

CLI::App &with_argument(CLI::App &app, std::string &argument)
{
	app.add_option("SCHEDULE", argument, "a file (text or bytes), a token (LMM1:...), or -")
		->required();
	return app;
}

} // namespace

Source::Source(CLI::App &app) : settings_(with_argument(app, argument_)) {}

Settings::Settings(CLI::App &app)
{
	app.add_option("--scheme", scheme_, "run it on this scheme (raw bytes name none)")
		->type_name("NAME");
	app.add_option("--bug", bug_, "run it with this planted bug")->type_name("ID");
	app.add_option("--memory", memory_, "memory model: sc, tso or weak")->type_name("MODEL");
	app.add_option("--hotplug", hotplug_, "hot-unplug protocol: scheme, h1, h3")
		->type_name("PROTOCOL");
	app.add_option("--arch", arch_,
		       "architecture: scheme, generic, x86, deferred, broadcast, powerpc")
		->type_name("NAME");
	app.add_option("--mm", mm_, "where mms live: pool, heap")->type_name("WHERE");
	app.add_option("--cpus", cpus_, "number of CPUs, of raw bytes (as LAZYMM_CPUS does)")
		->check(is_number(1, schedule::kMaxCpus))
		->type_name("N");
}

Schedule Settings::load(const std::string &argument, const Console &console,
			const std::string &scheme) const
{
	const std::string name = source_name(argument);
	Schedule schedule;
	if (schedule::looks_like_token(argument))
		schedule = parse(argument, name, scheme);
	else if (argument == "-")
		schedule =
			parse(read_stream(console.in_descriptor(), "standard input"), name, scheme);
	else
		schedule = parse(read_file(argument), name, scheme);
	override_settings(schedule);
	return schedule;
}

std::string Source::file() const
{
	return argument_ == "-" || schedule::looks_like_token(argument_) ? "" : argument_;
}

std::string source_name(const std::string &argument)
{
	if (argument == "-")
		return "<stdin>";
	return schedule::looks_like_token(argument) ? "token" : argument;
}

Schedule Settings::parse(std::string_view content, const std::string &name,
			 const std::string &scheme) const
{
	const std::string_view body = behind_comments(content);
	if (cpus_ && (body.starts_with(kHead) || schedule::looks_like_token(body)))
		throw Failure(
			fmt::format("--cpus is for raw bytes; '{}' says itself how many", name));
	if (body.starts_with(kHead))
		return parse_text(content, name);
	if (schedule::looks_like_token(body))
		return schedule_of_token(body);
	return from_bytes(content, name, scheme);
}

Schedule Settings::from_bytes(std::string_view content, const std::string &name,
			      const std::string &scheme) const
{
	if (scheme_.empty() && bug_.empty() && scheme.empty())
		throw Failure(
			fmt::format("'{}' does not begin with '{}' or 'LMM', so it is raw bytes: "
				    "say --scheme NAME",
				    name, kHead));
	Schedule schedule;
	schedule.scheme = scheme;
	const auto *data = reinterpret_cast<const std::uint8_t *>(content.data());
	fuzz::from_input({ data, content.size() }, { .cpus = cpus_ }, schedule);
	return schedule;
}

void Settings::override_settings(Schedule &schedule) const
{
	if (!scheme_.empty()) {
		check_scheme(scheme_);
		if (schedule.scheme != scheme_)
			schedule.bug.clear(); // it was another scheme's
		schedule.scheme = scheme_;
	}
	if (!bug_.empty()) {
		check_bug(bug_);
		schedule.bug = bug_;
		if (scheme_.empty())
			schedule.scheme = schemes::find_bug(bug_)->scheme;
	}
	if (!memory_.empty())
		schedule.memory = memory_of(memory_);
	if (!hotplug_.empty())
		schedule.hotplug = hotplug_of(hotplug_);
	if (!arch_.empty())
		schedule.arch = arch_of(arch_);
	if (!mm_.empty())
		schedule.mm = mm_of(mm_);
}

void prepare(Runner &runner, const Schedule &schedule, const std::string &where)
{
	try {
		check_scheme(schedule.scheme);
		if (!schedule.bug.empty())
			check_bug(schedule.bug);
		for (const std::string &site : schedule.weaken)
			check_site(site);
		if (const auto refusal = runner.prepare(schedule))
			throw Failure(refusal->message, refusal->unknown ? kCannotTell : kUsage);
	} catch (Failure &failure) {
		if (!where.empty())
			failure.message.insert(0, where + ": ");
		throw;
	}
}

} // namespace lazymm::command
