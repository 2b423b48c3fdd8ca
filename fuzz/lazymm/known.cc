// SPDX-License-Identifier: MIT
// Names on the command line against what this build has.
#include "core/machine/cpu.h"
#include "core/machine/site.h"
#include "core/oracles/oracle.h"
#include "core/schedule/names.h"
#include "core/schemes/registry.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"

#include <algorithm>

#include <fmt/format.h>

#ifndef LAZYMM_VERSION
#define LAZYMM_VERSION "0.1.0"
#endif

namespace lazymm::command
{

namespace
{

using Names = std::vector<std::string_view>;

bool contains(const Names &names, std::string_view name)
{
	return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_hint(const char *kind)
{
	return fmt::format("'lazymm list {}' has them all", kind);
}

void check(const char *what, std::string_view name, const Names &names, const char *kind,
	   int status)
{
	if (!contains(names, name))
		throw Failure(fmt::format("this build has no {} '{}'{}", what, name,
					  did_you_mean(name, names, list_hint(kind))),
			      status);
}

} // namespace

std::vector<std::string> oracle_names(const std::vector<std::string> &lists)
{
	const auto oracles = oracles::make_all();
	Names known;
	for (const auto &oracle : oracles)
		known.push_back(oracle->name());
	std::vector<std::string> names = split(lists);
	for (const std::string &name : names)
		check("oracle", name, known, "oracles", kUsage);
	return names;
}

Engine engine_of(const std::string &word)
{
	constexpr std::string_view names[] = { "fibers", "threads" };
	return static_cast<Engine>(choose("--engine", word, names));
}

schedule::Memory memory_of(const std::string &word)
{
	constexpr std::string_view names[] = { "sc", "tso", "weak" };
	return static_cast<schedule::Memory>(choose("--memory", word, names));
}

schedule::Hotplug hotplug_of(const std::string &word)
{
	constexpr std::string_view names[] = { "scheme", "h1", "h3" };
	return static_cast<schedule::Hotplug>(choose("--hotplug", word, names));
}

schedule::Arch arch_of(const std::string &word)
{
	constexpr std::string_view names[] = { "scheme",   "generic",	"x86",
					       "deferred", "broadcast", "powerpc" };
	return static_cast<schedule::Arch>(choose("--arch", word, names));
}

schedule::MmMemory mm_of(const std::string &word)
{
	constexpr std::string_view names[] = { "pool", "heap" };
	return static_cast<schedule::MmMemory>(choose("--mm", word, names));
}

schedule::Arch in_schedules(kernel::ArchKind arch)
{
	return static_cast<schedule::Arch>(static_cast<unsigned>(arch) + 1);
}

const char *name(kernel::ArchKind arch)
{
	return schedule::name(in_schedules(arch));
}

const char *unsuited(const schemes::SchemeInfo &scheme, schedule::Arch arch)
{
	for (const schemes::Unsuited &one : scheme.unsuited)
		if (in_schedules(one.arch) == arch)
			return one.why;
	return nullptr;
}

void check_scheme(const std::string &name)
{
	Names known;
	for (const schemes::SchemeInfo *info : schemes::all_schemes())
		known.push_back(info->name);
	check("scheme", name, known, "schemes", kCannotTell);
}

void check_bug(const std::string &id)
{
	Names known;
	for (const schemes::BugInfo *info : schemes::all_bugs())
		known.push_back(info->id);
	check("planted bug", id, known, "bugs", kCannotTell);
}

void check_site(const std::string &name)
{
	Names known;
	for (const machine::Site *site = machine::Site::first(); site; site = site->next())
		known.push_back(site->name());
	check("site", name, known, "sites", kCannotTell);
}

const properties::Property &property_of(const std::string &name)
{
	Names known;
	for (const properties::Property *property : properties::all_properties())
		known.push_back(property->name);
	check("property", name, known, "properties", kCannotTell);
	return *properties::find_property(name);
}

std::string compiler()
{
#if defined(__clang__)
	return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__,
			   __clang_patchlevel__);
#elif defined(__GNUC__)
	return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
	return "unknown compiler";
#endif
}

const char *sanitizers()
{
	if (LAZYMM_TSAN)
		return "thread";
	return LAZYMM_ASAN ? "address" : "none";
}

const char *version_number()
{
	return LAZYMM_VERSION;
}

std::string version()
{
	return fmt::format("lazymm {} ({}, sanitizers: {})", LAZYMM_VERSION, compiler(),
			   sanitizers());
}

} // namespace lazymm::command
