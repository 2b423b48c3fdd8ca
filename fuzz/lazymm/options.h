// SPDX-License-Identifier: MIT
// What the verbs' command lines have in common.
#pragma once

#include "core/harness/run.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/console.h"
#include "fuzz/lazymm/verbs.h"
#include "properties/property.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace lazymm::command
{

/// A verb's command line: what every verb takes, and errors in one line.
class CommandLine
{
public:
	CommandLine(const char *verb, const char *what, const char *examples);

	CLI::App &app() { return app_; }
	/// Reads the arguments. A status if that was all (--help); throws a Failure if they are
	/// wrong.
	std::optional<int> parse(Arguments arguments, Console &console);

private:
	[[noreturn]] void unexpected(const std::vector<std::string> &extras) const;

	CLI::App app_;
	std::string color_ = "auto";
};

/// Checks of option values, for CLI11: seconds of at least 0, whole numbers from `min` to `max`.
CLI::Validator is_seconds();
CLI::Validator is_number(std::uint64_t min, std::uint64_t max);

/// "; did you mean 'switch'?", or "; " and `otherwise` if `word` resembles none of the names.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> names,
			 std::string_view otherwise);

/// The index of `word` among `names`; throws a Failure that names the option if there is none.
std::size_t choose(const char *option, std::string_view word,
		   std::span<const std::string_view> names);

/// "a,b" and "c" are a, b and c. Empty parts are left out.
std::vector<std::string> split(const std::vector<std::string> &lists);

/// Names of oracles, checked.
std::vector<std::string> oracle_names(const std::vector<std::string> &lists);

Engine engine_of(const std::string &word);
schedule::Memory memory_of(const std::string &word);
schedule::Hotplug hotplug_of(const std::string &word);
schedule::Arch arch_of(const std::string &word);
schedule::MmMemory mm_of(const std::string &word);

/// "deferred": what the schedule language calls it.
schedule::Arch in_schedules(kernel::ArchKind arch);
const char *name(kernel::ArchKind arch);
/// Why the scheme is not for the architecture, as it says itself; nullptr: it is, or the schedule
/// leaves it to the scheme.
const char *unsuited(const schemes::SchemeInfo &scheme, schedule::Arch arch);

/// Throw a Failure if this build has no scheme, planted bug or site of that name.
void check_scheme(const std::string &name);
void check_bug(const std::string &id);
void check_site(const std::string &name);
/// Throws one if it has no such property.
const properties::Property &property_of(const std::string &name);

/// "lazymm 0.1.0 (clang 19.1.7, address)".
std::string version();
/// "0.1.0".
const char *version_number();
std::string compiler();
/// "none", "address and undefined", "thread".
const char *sanitizers();

} // namespace lazymm::command
