// SPDX-License-Identifier: MIT
// Any bytes are a schedule; any text is one, or an error that says where. What is damaged is the
// case's own text and bytes, where its seed says.
#include "core/schedule/bytes.h"
#include "core/schedule/limits.h"
#include "core/schedule/text.h"
#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

template <class Bytes>
Bytes damaged(Bytes bytes, schedule::Rng &rng)
{
	for (unsigned n = 1 + rng.below(8); n > 0 && !bytes.empty(); n--) {
		const auto at = bytes.begin() + rng.below(static_cast<unsigned>(bytes.size()));
		if (rng.one_in(3))
			bytes.erase(at, at + std::min<std::ptrdiff_t>(3, bytes.end() - at));
		else if (rng.one_in(2))
			bytes.insert(at, *at);
		else
			*at = static_cast<typename Bytes::value_type>(rng.below(256));
	}
	return bytes;
}

void garbage_decodes(Case &c)
{
	schedule::Rng rng(c.schedule.search ? c.schedule.search->seed : 0);
	Schedule decoded, again;
	schedule::decode(damaged(schedule::encode(c.schedule), rng), decoded);
	require(schedule::within_limits(decoded), "beyond-limits");
	schedule::decode(schedule::encode(decoded), again);
	require(again == decoded, "not-canonical", "What bytes decode to does not come back.");
	const auto parsed =
		schedule::parse_text(damaged(schedule::to_text(c.schedule), rng), "damaged");
	const auto *error = std::get_if<schedule::ParseError>(&parsed);
	require(error || schedule::within_limits(std::get<Schedule>(parsed)), "text-beyond-limits",
		"A text that is beyond the limits is taken.");
	require(!error || (error->line > 0 && error->column > 0 && !error->message.empty()),
		"no-place", "An error that does not say where.");
	c.did("a text that is refused", error);
	c.did("a text that is taken", !error);
}

REGISTER_PROPERTY({
	.name = "garbage-decodes",
	.promise = "any bytes are a schedule; any text is one, or an error that says where",
	.mixes = { anything, usual },
	.check = garbage_decodes,
	.covers = { { "a text that is refused", 0.3 }, { "a text that is taken", 0.01 } },
	.cases = 10'000,
	.schemes = { "refcount" },
	.seeded = true,
});

} // namespace
} // namespace lazymm::properties
