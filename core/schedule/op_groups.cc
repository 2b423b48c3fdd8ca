// SPDX-License-Identifier: MIT
#include "core/schedule/op_groups.h"

#include "core/schedule/names.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace lazymm::schedule
{

namespace
{

void add(Alphabet &alphabet, const Alphabet &group)
{
	for (unsigned kind = 0; kind < kOpKinds; kind++)
		alphabet.weight[kind] = std::max(alphabet.weight[kind], group.weight[kind]);
}

/// What CPUs that go down and up have to be up against.
void add_hotplug(Alphabet &alphabet)
{
	for (const OpKind basic : { OpKind::switch_to, OpKind::fork, OpKind::exit })
		alphabet[basic] = default_alphabet()[basic];
	alphabet[OpKind::offline] = alphabet[OpKind::online] = 4;
}

void add_membarrier(Alphabet &alphabet)
{
	add(alphabet, membarrier_alphabet());
}

/// What of membarrier is about code.
void add_sync_core(Alphabet &alphabet)
{
	for (const OpKind kind : { OpKind::switch_to, OpKind::thread, OpKind::membarrier,
				   OpKind::register_mm, OpKind::patch, OpKind::run_code })
		alphabet[kind] = membarrier_alphabet()[kind];
}

void add_probes(Alphabet &alphabet)
{
	add(alphabet, probe_alphabet());
}

void add_mm_cid(Alphabet &alphabet)
{
	for (const OpKind basic : { OpKind::switch_to, OpKind::fork, OpKind::exec, OpKind::exit })
		alphabet[basic] = default_alphabet()[basic];
	alphabet[OpKind::thread] = alphabet[OpKind::cid_work] = 4;
}

void add_tables(Alphabet &alphabet)
{
	add(alphabet, table_alphabet());
}

void add_all(Alphabet &alphabet)
{
	add(alphabet, default_alphabet());
	add_membarrier(alphabet);
	add_tables(alphabet);
	add_hotplug(alphabet);
	add_mm_cid(alphabet);
}

constexpr std::array<std::string_view, 7> kNames = { "hotplug", "membarrier", "sync-core", "probes",
						     "mm-cid",	"tables",     "all" };
constexpr std::array<void (*)(Alphabet &), kNames.size()> kGroups = {
	add_hotplug, add_membarrier, add_sync_core, add_probes, add_mm_cid, add_tables, add_all,
};

} // namespace

std::span<const std::string_view> group_names()
{
	return kNames;
}

bool add_operations(Alphabet &alphabet, std::string_view name)
{
	const auto group = std::find(kNames.begin(), kNames.end(), name);
	if (group != kNames.end()) {
		kGroups[static_cast<std::size_t>(group - kNames.begin())](alphabet);
		return true;
	}
	const auto kind = find_op(name);
	if (!kind)
		return false;
	alphabet[*kind] = std::max<std::uint16_t>(default_alphabet()[*kind], 1);
	return true;
}

Alphabet alphabet_for(const char *list)
{
	if (!list)
		return default_alphabet();
	Alphabet alphabet{};
	std::string_view rest = list;
	for (bool more = true; more;) {
		const std::size_t comma = rest.find(',');
		const std::string_view word = rest.substr(0, comma);
		if (!add_operations(alphabet, word)) {
			std::fprintf(
				stderr,
				"lazymm: bug in the harness: no operations \"%.*s\" in \"%s\"\n",
				static_cast<int>(word.size()), word.data(), list);
			std::abort();
		}
		more = comma != std::string_view::npos;
		rest.remove_prefix(more ? comma + 1 : rest.size());
	}
	return alphabet;
}

} // namespace lazymm::schedule
