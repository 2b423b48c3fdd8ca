// SPDX-License-Identifier: MIT
// What of a final state is shown, and how.
#include <algorithm>
#include <tuple>

#include "core/litmus/program.h"

namespace lazymm::litmus
{

std::vector<Column> columns_of(const Test &test)
{
	std::vector<Column> columns;
	auto add = [&](const Term &t) {
		if (t.kind == Term::value)
			return;
		bool is_register = t.kind == Term::reg;
		std::string label = is_register
					    ? std::to_string(t.thread) + ":" +
						      test.threads[t.thread].registers[t.index].name
					    : "[" + test.locations[t.index].name + "]";
		for (const Column &c : columns)
			if (c.label == label)
				return;
		columns.push_back({ std::move(label), is_register, t.thread, t.index });
	};
	for (std::uint32_t t = 0; t < test.threads.size(); t++)
		for (std::uint32_t r = 0; r < test.threads[t].registers.size(); r++)
			if (test.threads[t].registers[r].assigned)
				add({ .kind = Term::reg, .thread = t, .index = r });
	for (std::uint32_t l = 0; l < test.locations.size(); l++)
		if (test.locations[l].parameter && !test.locations[l].opaque)
			add({ .kind = Term::memory, .index = l });
	for (const Term &t : test.shown)
		add(t);
	for (const Condition *c : { &test.condition, &test.filter })
		for (const Condition::Node &n : c->nodes) {
			add(n.left);
			add(n.right);
		}
	std::sort(columns.begin(), columns.end(), [](const Column &a, const Column &b) {
		return std::tuple(!a.is_register, a.thread, std::string_view(a.label)) <
		       std::tuple(!b.is_register, b.thread, std::string_view(b.label));
	});
	return columns;
}

std::string to_string(std::int64_t value, const std::vector<std::string> &names)
{
	if (auto l = location_at(value, names.size()))
		return names[*l];
	return std::to_string(value);
}

} // namespace lazymm::litmus
