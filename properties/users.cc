// SPDX-License-Identifier: MIT
// mm_users is never taken back from zero: who is the last to leave an mm frees its page tables, and
// nobody may come to be a user of it after that.
#include <set>

#include "properties/spec.h"

namespace lazymm::properties
{
namespace
{

void no_user_of_what_has_none(Case &c)
{
	const Result &result = c.run();
	require_silence(result);
	std::set<unsigned> left; // by number
	for (const kernel::KernelEvent &e : events(result)) {
		if (e.kind == EventKind::users_get)
			require(!left.contains(e.mm.number()), "taken-back-from-zero",
				"Somebody becomes a user of an mm that had none left.");
		if (e.kind == EventKind::users_put && e.count == 0)
			left.insert(e.mm.number());
	}
	c.did("an mm has no users left", !left.empty());
	c.did("somebody becomes a user", happened(result, EventKind::users_get));
}

REGISTER_PROPERTY({
	.name = "mm-users",
	.promise = "nobody becomes a user of an mm whose mm_users has been zero",
	.mixes = { exit_heavy, lazy_heavy },
	.check = no_user_of_what_has_none,
	.covers = { { "an mm has no users left", 0.1 }, { "somebody becomes a user", 0.1 } },
	.cases = 2000,
});

} // namespace
} // namespace lazymm::properties
