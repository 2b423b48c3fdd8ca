// SPDX-License-Identifier: MIT
// A schedule that is written down and read again is the same: as text, as bytes, as a token.
#include "core/schedule/bytes.h"
#include "core/schedule/text.h"
#include "core/schedule/token.h"
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void comes_back(Case &c)
{
	const Schedule &s = c.schedule;
	const auto text = schedule::parse_text(schedule::to_text(s), "text");
	require(text.index() == 0 && std::get<Schedule>(text) == s, "text",
		"Its text reads as another schedule.");
	Schedule bytes;
	bytes.scheme = s.scheme, bytes.bug = s.bug, bytes.weaken = s.weaken;
	schedule::decode(schedule::encode(s), bytes);
	require(bytes == s, "bytes", "Its bytes decode to another schedule.");
	const auto token = schedule::parse_token(
		schedule::to_token(s), [&](std::uint32_t hash) -> std::optional<std::string> {
			for (const std::string &site : s.weaken)
				if (schedule::site_hash(site) == hash)
					return site;
			return std::nullopt;
		});
	require(token.index() == 0 && std::get<Schedule>(token) == s, "token",
		"Its token reads as another schedule.");
	c.did("a weakened site", !s.weaken.empty());
	c.did("a decision", schedule::to_text(s).find('+') != std::string::npos);
}

REGISTER_PROPERTY({
	.name = "round-trips",
	.promise = "text, bytes and token of a schedule read as that schedule",
	.mixes = { anything, membarrier_heavy },
	.check = comes_back,
	.covers = { { "a weakened site", 0.1 }, { "a decision", 0.2 } },
	.cases = 10'000,
	.schemes = { "refcount" },
	.seeded = true,
});

} // namespace
} // namespace lazymm::properties
