// SPDX-License-Identifier: MIT
#include "core/schemes/registry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace lazymm::schemes
{

namespace
{
// Function-local: registrations of other files may come before this file's own initialisers.
template <class Info>
std::map<std::string_view, Info> &table()
{
	static std::map<std::string_view, Info> infos;
	return infos;
}

template <class Info>
void add(std::string_view name, const Info &info)
{
	if (table<Info>().emplace(name, info).second)
		return;
	std::fprintf(stderr, "lazymm: bug in the harness: '%s' is registered twice\n", name.data());
	std::abort();
}

template <class Info>
const Info *find(std::string_view name)
{
	auto it = table<Info>().find(name);
	return it == table<Info>().end() ? nullptr : &it->second;
}

template <class Info>
std::vector<const Info *> all()
{
	std::vector<const Info *> out;
	for (const auto &[name, info] : table<Info>())
		out.push_back(&info);
	return out;
}
} // namespace

Registration::Registration(const SchemeInfo &info)
{
	add<SchemeInfo>(info.name, info);
}

Registration::Registration(const BugInfo &info)
{
	add<BugInfo>(info.id, info);
}

std::vector<const SchemeInfo *> all_schemes()
{
	return all<SchemeInfo>();
}

std::vector<const BugInfo *> all_bugs()
{
	return all<BugInfo>();
}

const SchemeInfo *find_scheme(std::string_view name)
{
	return find<SchemeInfo>(name);
}

const BugInfo *find_bug(std::string_view id)
{
	return find<BugInfo>(id);
}

const char *usual_operations(std::string_view scheme, std::string_view bug)
{
	const BugInfo *planted = find_bug(bug);
	if (planted && planted->ops)
		return planted->ops;
	const SchemeInfo *info = find_scheme(scheme);
	return info ? info->ops : nullptr;
}

} // namespace lazymm::schemes
