// SPDX-License-Identifier: MIT
#include "core/oracles/oracle.h"

#include <algorithm>
#include <cstring>

namespace lazymm::oracles
{

namespace
{
using Factory = std::unique_ptr<Oracle> (*)();

std::vector<Factory> &factories()
{
	static std::vector<Factory> list;
	return list;
}
} // namespace

Registration::Registration(Factory make)
{
	factories().push_back(make);
}

std::vector<std::unique_ptr<Oracle>> make_all()
{
	std::vector<std::unique_ptr<Oracle>> all;
	for (Factory make : factories())
		all.push_back(make());
	std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) {
		return std::strcmp(a->name(), b->name()) < 0;
	});
	return all;
}

void Oracle::speak(const kernel::KernelEvent &event, std::string kind, std::string text)
{
	if (speaking_.exchange(true))
		machine::this_machine().stop_run();
	finding_ = { name(),
		     std::move(kind),
		     std::move(text),
		     event.file,
		     event.line,
		     event.cpu,
		     event.mm ? static_cast<int>(event.mm.number()) : -1 };
	spoke_ = true;
	machine::this_machine().stop_run();
}

void Oracle::speak_at_end(std::string kind, std::string text, int cpu, int mm, std::string file,
			  unsigned line)
{
	if (spoke_)
		return;
	finding_ = { name(), std::move(kind), std::move(text), std::move(file), line, cpu, mm };
	spoke_ = true;
}

} // namespace lazymm::oracles
