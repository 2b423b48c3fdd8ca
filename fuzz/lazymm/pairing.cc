// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/pairing.h"

namespace lazymm::command
{

namespace
{

struct Known {
	std::string_view mark; ///< in the site's name
	Pairing pairing;
};

constexpr const char *kPaired = "(a): user accesses of membarrier's caller before rq->curr is read";

// The first that fits.
constexpr Known kKnown[] = {
	{ "ipi_mb:",
	  { kPaired,
	    "sending an IPI and its entry, acknowledging and waiting are release and acquire; "
	    "between two threads they order all that this does" } },
	{ "ipi_sync_core:",
	  { kPaired, "the same, and whoever core-serialises takes an interrupt for it" } },
	{ "ipi_rseq:", { kPaired, "there are no restartable sequences here, and the IPI orders" } },
	{ "ipi_sync_rq_state:", { kPaired, "the registration's IPI orders between two threads" } },
	{ "sync_runqueues: registration", { kPaired, "mm_users is 1: there is no other thread" } },
	{ "(a)", { "(E): the barrier behind the store that says \"me\", before user code", "" } },
	{ "(c)", { "(D): the barrier before the stores that say \"not me\"", "" } },
	{ "(D", { "(c): behind the last IPI", "" } },
	{ "(E", { kPaired, "" } },
	{ "synchronize_rcu:", { "quiescent states of all CPUs", "" } },
	{ "(O5)", { "(O6): the acquire of who looks before it frees", "" } },
	{ "(O6)", { "(O5): the release behind the last use", "" } },
	{ "mm_count",
	  { "every other drop: release of the last use, acquire before the free (O7)", "" } },
	{ "mm_users", { "every other mmput(): release, acquire on zero (O4)", "" } },
	{ "finish_task: prev->on_cpu", { "ttwu: p->on_cpu", "" } },
	{ "ttwu: p->on_cpu", { "finish_task: prev->on_cpu", "" } },
	{ "IPI: acknowledge", { "IPI: wait for acknowledgement (O9)", "" } },
	{ "IPI: wait", { "IPI: acknowledge (O9)", "" } },
};

} // namespace

Pairing pairing_of(std::string_view site)
{
	for (const Known &known : kKnown)
		if (site.find(known.mark) != site.npos)
			return known.pairing;
	return {};
}

} // namespace lazymm::command
