// SPDX-License-Identifier: MIT
#include "core/schedule/text_settings.h"

#include "core/schedule/limits.h"
#include "core/schedule/names.h"

#include <algorithm>

namespace lazymm::schedule
{

namespace
{

bool read_name(Scanner &in, std::string &out, std::string_view what)
{
	const Word name = in.word();
	if (!is_name(name.text))
		return in.fail(name, what,
			       "a-z, 0-9, '-' and '.', at most " + std::to_string(kMaxName) +
				       " of them");
	out = name.text;
	return true;
}

template <typename E>
bool read_choice(Scanner &in, E &out, std::optional<E> (*find)(std::string_view),
		 const char *choices)
{
	const Word word = in.word();
	const std::optional<E> value = find(word.text);
	if (!value)
		return in.fail(word, choices);
	out = *value;
	return true;
}

bool read_scheme(Scanner &in, Schedule &out)
{
	return read_name(in, out.scheme, "the name of a scheme");
}

bool read_bug(Scanner &in, Schedule &out)
{
	return read_name(in, out.bug, "the name of a bug");
}

bool read_memory(Scanner &in, Schedule &out)
{
	return read_choice(in, out.memory, find_memory, "sc, tso or weak");
}

bool read_hotplug(Scanner &in, Schedule &out)
{
	return read_choice(in, out.hotplug, find_hotplug, "scheme, h1 or h3");
}

bool read_arch(Scanner &in, Schedule &out)
{
	return read_choice(in, out.arch, find_arch, kArchChoices);
}

bool read_mm(Scanner &in, Schedule &out)
{
	return read_choice(in, out.mm, find_mm, "pool or heap");
}

bool read_weaken(Scanner &in, Schedule &out)
{
	const Word start = in.peek();
	std::string site;
	if (!in.string(site))
		return false;
	if (site.empty() || site.size() > kMaxSite)
		return in.fail(start,
			       "a site's name of 1 to " + std::to_string(kMaxSite) + " bytes");
	if (out.weaken.size() == kMaxWeaken)
		return in.fail(start, "at most " + std::to_string(kMaxWeaken) + " weakened sites");
	out.weaken.push_back(std::move(site));
	return true;
}

bool read_search(Scanner &in, Schedule &out)
{
	const Word word = in.word();
	const auto strategy = find_strategy(word.text);
	if (!strategy)
		return in.fail(word, "a strategy: random, pct, pos, surw, portfolio or stall");
	const Word seed_word = in.word();
	const auto seed = number(seed_word.text, 0, ~0u);
	if (!seed)
		return in.fail(seed_word, "a seed from 0 to 4294967295");
	out.search = Search{ *strategy, *seed };
	return true;
}

bool read_cpus(Scanner &in, Schedule &out)
{
	const Word word = in.word();
	const auto count = number(word.text, 1, kMaxCpus);
	if (!count)
		return in.fail(word, "a number of CPUs from 1 to " + std::to_string(kMaxCpus));
	out.cpus.resize(*count);
	return true;
}

constexpr std::array<std::string_view, 9> kNames = { "scheme",	"bug",	  "memory",
						     "hotplug", "arch",	  "mm",
						     "weaken",	"search", "cpus" };
using ReadFunction = bool (*)(Scanner &, Schedule &);
constexpr std::array<ReadFunction, 9> kReaders = { read_scheme,	 read_bug,    read_memory,
						   read_hotplug, read_arch,   read_mm,
						   read_weaken,	 read_search, read_cpus };
constexpr std::size_t kScheme = 0;
constexpr std::size_t kWeaken = 6;
static_assert(kReaders[kScheme] == read_scheme && kReaders[kWeaken] == read_weaken);

std::size_t index_of(std::string_view name)
{
	return static_cast<std::size_t>(std::find(kNames.begin(), kNames.end(), name) -
					kNames.begin());
}

} // namespace

bool Settings::read(Scanner &in, Schedule &out)
{
	const Word name = in.word();
	const std::size_t index = index_of(name.text);
	if (index == kNames.size()) {
		const std::string hint = find_op(name.text)
						 ? "operations stand below a line 'cpu0'"
						 : did_you_mean(nearest(name.text, kNames));
		return in.fail(name, "a setting or a CPU", hint);
	}
	if (lines_[index] != 0 && index != kWeaken)
		return in.fail(name, "each setting once",
			       "the first is on line " + std::to_string(lines_[index]));
	lines_[index] = name.line;
	return kReaders[index](in, out) && in.end_of_line();
}

bool Settings::has_scheme() const
{
	return lines_[kScheme] != 0;
}

bool Settings::is_setting(std::string_view name)
{
	return index_of(name) < kNames.size();
}

} // namespace lazymm::schedule
