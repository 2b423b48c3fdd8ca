// SPDX-License-Identifier: MIT
// What two threads can read under tso, they can read under weak: a few loads and stores, run under
// tso, and then under weak until the same is read. What they can not read under the stronger model
// at all (memory_models_test.cc) is what the two differ in.
#include "properties/outcomes.h"

namespace lazymm::properties
{
namespace
{

void tso_is_weak(Case &c)
{
	Schedule s = c.schedule;
	s.memory = schedule::Memory::tso;
	const std::string read = what_was_read(c.run_beside(s));
	s.memory = schedule::Memory::sc;
	const bool reordered = !outcomes_of(c, s, 200).contains(read);
	s.memory = schedule::Memory::weak;
	require(outcomes_of(c, s, 20'000, read).contains(read), "not-under-weak",
		"Under tso the loads gave " + read + ", under weak in 20,000 runs never.");
	c.did("what sc does not show", reordered);
	c.did("two loads", read.find(' ') != read.rfind(' '));
}

REGISTER_PROPERTY({
	.name = "tso-in-weak",
	.promise = "what two threads read under tso they can read under weak",
	.mixes = { probes },
	.check = tso_is_weak,
	.covers = { { "what sc does not show", 0.01 }, { "two loads", 0.3 } },
	.cases = 200,
	.schemes = { "refcount" },
	.seeded = true,
});

} // namespace
} // namespace lazymm::properties
