// SPDX-License-Identifier: MIT
#include "properties/mixes.h"

#include "core/schedule/any_schedule.h"
#include "core/schedule/edits.h"

namespace lazymm::properties
{

namespace
{

using schedule::Alphabet;
using schedule::OpKind;
using schedule::Rng;
using schedule::Schedule;

constexpr unsigned kOps = 20;

Schedule drawn(Rng &rng, const Alphabet &alphabet, unsigned ops = kOps)
{
	Schedule s = schedule::random_schedule(rng, alphabet, 2 + rng.below(2), ops);
	s.memory = static_cast<schedule::Memory>(rng.below(3));
	// The heap is ASan's to watch.
	s.mm = rng.one_in(4) ? schedule::MmMemory::heap : schedule::MmMemory::pool;
	return s;
}

Alphabet without_hotplug()
{
	Alphabet alphabet = schedule::default_alphabet();
	alphabet[OpKind::offline] = alphabet[OpKind::online] = 0;
	return alphabet;
}

Schedule make_usual(Rng &rng, unsigned)
{
	static const Alphabet alphabet = without_hotplug();
	return drawn(rng, alphabet);
}

Schedule make_exit_heavy(Rng &rng, unsigned)
{
	static const Alphabet alphabet = [] {
		Alphabet a = without_hotplug();
		a[OpKind::exit] = 8;
		for (const OpKind kind : { OpKind::exec, OpKind::fork, OpKind::rcu })
			a[kind] = 4;
		return a;
	}();
	return drawn(rng, alphabet);
}

Schedule make_lazy_heavy(Rng &rng, unsigned)
{
	static const Alphabet alphabet = [] {
		Alphabet a = without_hotplug();
		a[OpKind::switch_to] = 24;
		for (const OpKind kind : { OpKind::use_mm, OpKind::unuse_mm, OpKind::exit })
			a[kind] = 4;
		return a;
	}();
	return drawn(rng, alphabet);
}

Schedule make_membarrier_heavy(Rng &rng, unsigned)
{
	return drawn(rng, schedule::membarrier_alphabet());
}

Schedule make_hotplug(Rng &rng, unsigned)
{
	static const Alphabet alphabet = [] {
		Alphabet a = schedule::default_alphabet();
		a[OpKind::offline] = 6;
		a[OpKind::online] = 4;
		return a;
	}();
	return drawn(rng, alphabet);
}

Schedule make_table_heavy(Rng &rng, unsigned)
{
	return drawn(rng, schedule::table_alphabet());
}

Schedule make_probes(Rng &rng, unsigned)
{
	// Another thread on the other CPU, so that nobody has to find out how.
	Schedule s;
	s.cpus[0] = { { OpKind::thread, 1, {} } };
	s.cpus[1] = { { OpKind::switch_to, 1, {} } };
	for (auto &script : s.cpus)
		for (unsigned left = 1 + rng.below(3); left > 0; left--) {
			constexpr OpKind kinds[] = { OpKind::store, OpKind::load,
						     OpKind::store_load, OpKind::store_store,
						     OpKind::load_load };
			script.push_back({ kinds[rng.below(5)],
					   static_cast<std::uint8_t>(rng.below(2)),
					   {} });
		}
	s.search = { schedule::Strategy::random, static_cast<std::uint32_t>(rng.next()) };
	s.memory = static_cast<schedule::Memory>(rng.below(3));
	return s;
}

Schedule make_anything(Rng &rng, unsigned)
{
	return schedule::any_named_schedule(rng);
}

} // namespace

constexpr Mix usual{ "usual", "all but membarrier(2) and hotplug", make_usual };
constexpr Mix exit_heavy{ "exit_heavy", "tasks come, exec and go", make_exit_heavy };
constexpr Mix lazy_heavy{ "lazy_heavy", "to kernel threads and back", make_lazy_heavy };
constexpr Mix membarrier_heavy{ "membarrier_heavy", "user code and membarrier(2)",
				make_membarrier_heavy };
constexpr Mix hotplug{ "hotplug", "CPUs go down and come up", make_hotplug };
constexpr Mix table_heavy{ "table_heavy", "page tables come and go", make_table_heavy };
constexpr Mix probes{ "probes", "two threads, a few loads and stores", make_probes };
constexpr Mix anything{ "anything", "whatever is within the limits", make_anything };

} // namespace lazymm::properties
