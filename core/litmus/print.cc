// SPDX-License-Identifier: MIT
// Results as text: herd7's, and JSON.
#include <nlohmann/json.hpp>

#include "core/litmus/verdict.h"

namespace lazymm::litmus
{

namespace
{
bool validated(const Result &r)
{
	switch (r.quantifier) {
	case Quantifier::exists:
		return r.positive != 0;
	case Quantifier::not_exists:
		return r.positive == 0;
	default:
		return r.negative == 0;
	}
}

const char *kind(Quantifier q)
{
	return q == Quantifier::exists	     ? "Allowed"
	       : q == Quantifier::not_exists ? "Forbidden"
					     : "Required";
}

const char *word(Quantifier q)
{
	return q == Quantifier::exists	     ? "exists"
	       : q == Quantifier::not_exists ? "~exists"
					     : "forall";
}
} // namespace

std::string_view to_string(machine::Memory memory)
{
	return memory == machine::Memory::sc ? "sc" : memory == machine::Memory::tso ? "tso" : "weak";
}

std::string_view to_string(Verdict verdict)
{
	switch (verdict) {
	case Verdict::never:
		return "Never";
	case Verdict::sometimes:
		return "Sometimes";
	case Verdict::always:
		return "Always";
	default:
		return "DEADLOCK";
	}
}

std::string herd_text(const Result &r, bool counts)
{
	std::string positive = std::to_string(r.positive), negative = std::to_string(r.negative);
	std::string out = "Test " + r.name + " " + kind(r.quantifier) + "\n";
	out += "States " + std::to_string(r.states.size()) + "\n";
	for (const FinalState &s : r.states) {
		if (counts) {
			std::string n = std::to_string(s.count);
			n.resize(std::max<std::size_t>(n.size(), 8), ' ');
			out += n + (s.positive ? "*>" : ":>");
		}
		out += s.text + "\n";
	}
	if (r.verdict == Verdict::deadlock)
		out += "DEADLOCK: no execution completes\n";
	out += validated(r) ? "Ok\n" : "No\n";
	out += "Witnesses\nPositive: " + positive + " Negative: " + negative + "\n";
	std::string condition = r.condition;
	if (!condition.starts_with('('))
		condition = "(" + condition + ")";
	out += std::string("Condition ") + word(r.quantifier) + " " + condition + "\n";
	out += "Observation " + r.name + " " + std::string(to_string(r.verdict)) + " " + positive +
	       " " + negative + "\n";
	return out;
}

std::string json_line(const Result &r)
{
	nlohmann::ordered_json states = nlohmann::ordered_json::array();
	for (const FinalState &s : r.states)
		states.push_back(s.text);
	nlohmann::ordered_json line = {
		{ "file", r.file },
		{ "memory", to_string(r.memory) },
		{ "verdict", to_string(r.verdict) },
		{ "positive", r.positive },
		{ "negative", r.negative },
		{ "states", std::move(states) },
		{ "runs", r.runs },
		{ "exhaustive", r.exhaustive },
	};
	// A file name may be anything.
	return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace lazymm::litmus
