// SPDX-License-Identifier: MIT
// lazymm corpus: the verbs below it.
#include "fuzz/lazymm/corpus_verbs.h"
#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/options.h"

#include <fmt/format.h>

namespace lazymm::command
{

namespace
{

constexpr Verb kCorpusVerbs[] = {
	{ "check", "replay everything: does it show what it should?", corpus_check },
	{ "stats", "how much there is, per scheme and kind", corpus_stats },
	{ "merge", "what several corpora show, in a new one", corpus_merge },
	{ "prune", "a corpus without what adds nothing", corpus_prune },
	{ "adopt", "a crash file into corpus/SCHEME/regressions, with what it shows",
	  corpus_adopt },
};

std::string corpus_help()
{
	std::string text =
		"Looks after schedules in files: text (*.sched), and raw bytes (no "
		"extension) as fuzz targets save them.\n\n"
		"usage: lazymm corpus VERB [OPTION...]; 'lazymm corpus VERB --help' says "
		"more\n\n";
	for (const Verb &verb : kCorpusVerbs)
		text += fmt::format("  {:<10}{}\n", verb.name, verb.what);
	return text + "\nexample: lazymm corpus check; lazymm corpus adopt crash-1f0 --scheme "
		      "refcount\n";
}

} // namespace

int corpus(const Arguments &arguments, Console &console)
{
	const std::string first = arguments.empty() ? "" : arguments.front();
	if (first == "--help" || first == "-h" || first == "help") {
		console.print(corpus_help());
		return kClean;
	}
	std::vector<std::string_view> names;
	for (const Verb &verb : kCorpusVerbs) {
		if (first == verb.name)
			return verb.run({ arguments.begin() + 1, arguments.end() }, console);
		names.push_back(verb.name);
	}
	const std::string help =
		fmt::format("there is {}; see 'lazymm corpus --help'", fmt::join(names, ", "));
	if (arguments.empty())
		throw Failure("say what to do with it: " + help);
	throw Failure(fmt::format("unknown verb '{}'{}", printable(first),
				  did_you_mean(first, names, help)));
}

} // namespace lazymm::command
