// SPDX-License-Identifier: MIT
// Results as text: herd7's, and JSON.
#include <algorithm>
#include <cstdio>

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

/// A JSON string. Bytes beyond ASCII, which only a file's name can have, stay as they are.
std::string quoted(std::string_view text)
{
	std::string out = "\"";
	for (char c : text) {
		if (static_cast<unsigned char>(c) < ' ') {
			char escaped[8];
			std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
			out += escaped;
			continue;
		}
		if (c == '"' || c == '\\')
			out += '\\';
		out += c;
	}
	return out + '"';
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
	return memory == machine::Memory::sc	? "sc"
	       : memory == machine::Memory::tso ? "tso"
						: "weak";
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
	std::string states;
	for (const FinalState &s : r.states)
		states += (states.empty() ? "" : ",") + quoted(s.text);
	return "{\"file\":" + quoted(r.file) + ",\"memory\":" + quoted(to_string(r.memory)) +
	       ",\"verdict\":" + quoted(to_string(r.verdict)) +
	       ",\"positive\":" + std::to_string(r.positive) +
	       ",\"negative\":" + std::to_string(r.negative) + ",\"states\":[" + states + "]" +
	       ",\"runs\":" + std::to_string(r.runs) +
	       ",\"exhaustive\":" + (r.exhaustive ? "true" : "false") + "}";
}

} // namespace lazymm::litmus
