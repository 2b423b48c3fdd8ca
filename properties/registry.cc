// SPDX-License-Identifier: MIT
#include "properties/property.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>

#include "core/machine/bug.h"
#include "core/schemes/registry.h"

namespace lazymm::properties
{

namespace
{

std::vector<std::unique_ptr<Property>> &registered()
{
	static std::vector<std::unique_ptr<Property>> all;
	return all;
}

template <class Names>
bool contains(const Names &names, const char *name)
{
	return std::any_of(names.begin(), names.end(),
			   [&](const char *other) { return !std::strcmp(name, other); });
}

} // namespace

Registration::Registration(Property property, const char *file, unsigned line)
{
	if (find_property(property.name))
		machine::harness_bug("two properties have the same name");
	property.file = file;
	property.line = line;
	registered().push_back(std::make_unique<Property>(std::move(property)));
}

Registration::Registration(unsigned rows, unsigned columns, Property (*make)(unsigned, unsigned),
			   const char *file, unsigned line)
{
	for (unsigned row = 0; row < rows; row++)
		for (unsigned column = 0; column < columns; column++)
			Registration(make(row, column), file, line);
}

const char *kept(std::string text)
{
	static std::deque<std::string> all;
	return all.emplace_back(std::move(text)).c_str();
}

std::vector<const Property *> all_properties()
{
	std::vector<const Property *> all;
	for (const auto &property : registered())
		all.push_back(property.get());
	std::sort(all.begin(), all.end(), [](const Property *a, const Property *b) {
		return std::strcmp(a->name, b->name) < 0;
	});
	return all;
}

const Property *find_property(std::string_view name)
{
	for (const auto &property : registered())
		if (name == property->name)
			return property.get();
	return nullptr;
}

std::vector<const char *> sound_schemes()
{
	std::vector<const char *> names;
	for (const schemes::SchemeInfo *info : schemes::all_schemes())
		if (info->expect == schemes::Expect::sound)
			names.push_back(info->name);
	return names;
}

std::vector<const char *> schemes_of(const Property &property)
{
	return property.schemes.empty() ? sound_schemes() : property.schemes;
}

std::vector<const char *> bugs_of(const Property &property)
{
	const std::vector<const char *> schemes = schemes_of(property);
	std::vector<const char *> ids;
	for (const schemes::BugInfo *bug : schemes::all_bugs())
		if (!bug->equivalent && contains(schemes, bug->scheme) &&
		    contains(property.oracles, bug->oracle))
			ids.push_back(bug->id);
	return ids;
}

} // namespace lazymm::properties
