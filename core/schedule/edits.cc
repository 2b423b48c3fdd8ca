// SPDX-License-Identifier: MIT
#include "core/schedule/edits.h"

#include "core/schedule/limits.h"
#include "core/schedule/random_ops.h"

#include <algorithm>
#include <utility>

namespace lazymm::schedule
{

namespace
{

unsigned cpu_count(const Schedule &schedule)
{
	return static_cast<unsigned>(schedule.cpus.size());
}

/// Where an operation stands.
struct Place {
	unsigned cpu;
	std::size_t at;
};

Op &op_at(Schedule &schedule, Place place)
{
	return schedule.cpus[place.cpu][place.at];
}

/// Any operation, each as likely; nothing if there is none.
std::optional<Place> random_place(const Schedule &schedule, Rng &rng)
{
	std::size_t ops = 0;
	for (const std::vector<Op> &script : schedule.cpus)
		ops += script.size();
	if (ops == 0)
		return std::nullopt;
	std::size_t nth = rng.below(static_cast<std::uint32_t>(ops));
	unsigned cpu = 0;
	while (nth >= schedule.cpus[cpu].size())
		nth -= schedule.cpus[cpu++].size();
	return Place{ cpu, nth };
}

/// Any place for a new operation, the end of each script included.
Place random_gap(const Schedule &schedule, Rng &rng)
{
	const unsigned cpu = rng.below(cpu_count(schedule));
	const std::size_t size = schedule.cpus[cpu].size();
	return { cpu, rng.below(static_cast<std::uint32_t>(size + 1)) };
}

auto iterator_at(Schedule &schedule, Place place)
{
	return schedule.cpus[place.cpu].begin() + static_cast<std::ptrdiff_t>(place.at);
}

// Each mutation says whether it changed anything.

bool insert_op(Schedule &schedule, Rng &rng, const Alphabet &alphabet)
{
	const Place gap = random_gap(schedule, rng);
	auto op = random_op(rng, alphabet, cast_of(schedule), cpu_count(schedule));
	if (!op || schedule.cpus[gap.cpu].size() >= kMaxOps)
		return false;
	schedule.cpus[gap.cpu].insert(iterator_at(schedule, gap), std::move(*op));
	return true;
}

bool remove_op(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const auto place = random_place(schedule, rng);
	if (!place)
		return false;
	schedule.cpus[place->cpu].erase(iterator_at(schedule, *place));
	return true;
}

bool replace_op(Schedule &schedule, Rng &rng, const Alphabet &alphabet)
{
	const auto place = random_place(schedule, rng);
	const auto op = random_op(rng, alphabet, cast_of(schedule), cpu_count(schedule));
	if (!place || !op)
		return false;
	Op &old = op_at(schedule, *place);
	if (old.kind == op->kind && old.operand == op->operand)
		return false;
	old.kind = op->kind;
	old.operand = op->operand;
	return true;
}

bool move_op(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const auto from = random_place(schedule, rng);
	if (!from || cpu_count(schedule) < 2)
		return false;
	const unsigned to =
		(from->cpu + 1 + rng.below(cpu_count(schedule) - 1)) % cpu_count(schedule);
	const std::size_t size = schedule.cpus[to].size();
	if (size >= kMaxOps)
		return false;
	const Place gap = { to, rng.below(static_cast<std::uint32_t>(size + 1)) };
	Op op = std::move(op_at(schedule, *from));
	schedule.cpus[from->cpu].erase(iterator_at(schedule, *from));
	schedule.cpus[to].insert(iterator_at(schedule, gap), std::move(op));
	return true;
}

bool duplicate_span(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const auto from = random_place(schedule, rng);
	if (!from)
		return false;
	const auto first = iterator_at(schedule, *from);
	const auto left = schedule.cpus[from->cpu].end() - first;
	const std::vector<Op> span(first, first + std::min<std::ptrdiff_t>(1 + rng.below(4), left));
	const Place gap = random_gap(schedule, rng);
	if (schedule.cpus[gap.cpu].size() + span.size() > kMaxOps)
		return false;
	schedule.cpus[gap.cpu].insert(iterator_at(schedule, gap), span.begin(), span.end());
	return true;
}

bool swap_ops(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const auto a = random_place(schedule, rng);
	const auto b = random_place(schedule, rng);
	if (!a || !b || op_at(schedule, *a) == op_at(schedule, *b))
		return false;
	std::swap(op_at(schedule, *a), op_at(schedule, *b));
	return true;
}

bool change_operand(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const auto place = random_place(schedule, rng);
	if (!place)
		return false;
	Op &op = op_at(schedule, *place);
	const std::uint8_t operand =
		random_operand(rng, op.kind, cast_of(schedule), cpu_count(schedule));
	return std::exchange(op.operand, operand) != operand;
}

Search random_search(Rng &rng)
{
	const unsigned strategy = rng.below(kStrategies);
	// Small seeds make small bytes, and are as random as others until they run out.
	return { static_cast<Strategy>(strategy), rng.below(rng.one_in(2) ? 1u << 14 : ~0u) };
}

bool change_search(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const std::optional<Search> old = schedule.search;
	const Search search = random_search(rng);
	if (!old || rng.one_in(2))
		schedule.search = search;
	else if (rng.one_in(4))
		schedule.search.reset();
	else
		schedule.search->seed = search.seed;
	return schedule.search != old;
}

bool add_decision(Schedule &schedule, Rng &rng, const Alphabet &)
{
	const auto place = random_place(schedule, rng);
	if (!place)
		return false;
	auto &decisions = op_at(schedule, *place).decisions;
	if (decisions.size() >= kMaxDecisions)
		return false;
	const Decision decision = random_decision(rng, schedule, place->cpu);
	const auto after = std::find_if(decisions.begin(), decisions.end(),
					[&](const Decision &d) { return d.at > decision.at; });
	decisions.insert(after, decision);
	return true;
}

/// Any operation that carries decisions, each as likely.
Op *random_op_with_decisions(Schedule &schedule, Rng &rng)
{
	Op *chosen = nullptr;
	unsigned seen = 0;
	for (std::vector<Op> &script : schedule.cpus) {
		for (Op &op : script) {
			if (!op.decisions.empty() && rng.one_in(++seen))
				chosen = &op;
		}
	}
	return chosen;
}

bool remove_decision(Schedule &schedule, Rng &rng, const Alphabet &)
{
	Op *op = random_op_with_decisions(schedule, rng);
	if (!op)
		return false;
	const auto nth = rng.below(static_cast<std::uint32_t>(op->decisions.size()));
	op->decisions.erase(op->decisions.begin() + nth);
	return true;
}

bool shift_decision(Schedule &schedule, Rng &rng, const Alphabet &)
{
	Op *op = random_op_with_decisions(schedule, rng);
	if (!op)
		return false;
	const auto nth = rng.below(static_cast<std::uint32_t>(op->decisions.size()));
	const std::uint16_t old_at = op->decisions[nth].at;
	const int step = 1 + static_cast<int>(rng.below(1u << rng.below(5)));
	const int at = old_at + (rng.one_in(2) ? step : -step);
	const auto new_at = static_cast<std::uint16_t>(std::clamp<int>(at, 1, kMaxAt));
	op->decisions[nth].at = new_at;
	sort_by_anchor(op->decisions);
	return new_at != old_at;
}

using Mutation = bool (*)(Schedule &, Rng &, const Alphabet &);
constexpr Mutation kMutations[] = {
	insert_op,    insert_op,      remove_op,       replace_op,     move_op,
	swap_ops,     duplicate_span, change_operand,  change_search,  change_search,
	add_decision, add_decision,   remove_decision, shift_decision,
};

constexpr Alphabet kDefaultAlphabet = [] {
	Alphabet alphabet{};
	alphabet.weight.fill(1);
	alphabet[OpKind::switch_to] = 14;
	for (const OpKind kind : { OpKind::fork, OpKind::thread, OpKind::use_mm, OpKind::unuse_mm,
				   OpKind::touch, OpKind::unmap })
		alphabet[kind] = 2;
	for (const OpKind kind : { OpKind::exec, OpKind::exit })
		alphabet[kind] = 3;
	for (unsigned kind = static_cast<unsigned>(kFirstUserOp); kind < kOpKinds; kind++)
		alphabet.weight[kind] = 0;
	return alphabet;
}();

constexpr Alphabet kMembarrierAlphabet = [] {
	Alphabet alphabet{};
	alphabet[OpKind::switch_to] = 14;
	alphabet[OpKind::membarrier] = 6;
	for (const OpKind kind : { OpKind::thread, OpKind::register_mm, OpKind::patch })
		alphabet[kind] = 4;
	for (const OpKind kind : { OpKind::store, OpKind::load, OpKind::store_store,
				   OpKind::store_load, OpKind::load_load })
		alphabet[kind] = 3;
	for (const OpKind kind : { OpKind::fork, OpKind::exec, OpKind::exit, OpKind::use_mm,
				   OpKind::unuse_mm, OpKind::barrier })
		alphabet[kind] = 2;
	for (const OpKind kind : { OpKind::run_code, OpKind::membarrier_rseq })
		alphabet[kind] = 1;
	return alphabet;
}();

constexpr Alphabet kProbeAlphabet = [] {
	Alphabet alphabet{};
	alphabet[OpKind::switch_to] = 12;
	alphabet[OpKind::membarrier] = 6;
	for (const OpKind kind : { OpKind::thread, OpKind::register_mm, OpKind::store, OpKind::load,
				   OpKind::store_store, OpKind::store_load })
		alphabet[kind] = 4;
	for (const OpKind kind : { OpKind::exit, OpKind::use_mm, OpKind::load_load })
		alphabet[kind] = 2;
	for (const OpKind kind : { OpKind::exec, OpKind::unuse_mm })
		alphabet[kind] = 1;
	return alphabet;
}();

constexpr Alphabet kTableAlphabet = [] {
	Alphabet alphabet{};
	for (const OpKind kind : { OpKind::switch_to, OpKind::alloc_table, OpKind::free_table })
		alphabet[kind] = 8;
	for (const OpKind kind : { OpKind::exec, OpKind::touch, OpKind::rcu })
		alphabet[kind] = 4;
	for (const OpKind kind : { OpKind::fork, OpKind::thread, OpKind::exit })
		alphabet[kind] = 2;
	for (const OpKind kind :
	     { OpKind::use_mm, OpKind::unuse_mm, OpKind::sync_rcu, OpKind::work })
		alphabet[kind] = 1;
	return alphabet;
}();

} // namespace

const Alphabet &default_alphabet()
{
	return kDefaultAlphabet;
}

const Alphabet &probe_alphabet()
{
	return kProbeAlphabet;
}

const Alphabet &table_alphabet()
{
	return kTableAlphabet;
}

const Alphabet &membarrier_alphabet()
{
	return kMembarrierAlphabet;
}

Schedule random_schedule(Rng &rng, const Alphabet &alphabet, unsigned cpus, unsigned max_ops)
{
	cpus = std::clamp(cpus, 1u, kMaxCpus);
	Schedule schedule;
	schedule.cpus.resize(cpus);
	Cast cast;
	const unsigned ops = std::min(1 + rng.below(max_ops), std::min(max_ops, cpus * kMaxOps));
	for (unsigned i = 0; i < ops; i++) {
		unsigned cpu = rng.below(cpus);
		while (schedule.cpus[cpu].size() >= kMaxOps)
			cpu = (cpu + 1) % cpus;
		auto op = random_op(rng, alphabet, cast, cpus);
		if (!op)
			break;
		cast.enters(*op);
		schedule.cpus[cpu].push_back(std::move(*op));
	}
	schedule.search = random_search(rng);
	return schedule;
}

void mutate(Schedule &schedule, Rng &rng, const Alphabet &alphabet)
{
	// What finds nothing to change gives way to the next; a search can always be changed.
	while (!kMutations[rng.below(std::size(kMutations))](schedule, rng, alphabet))
		continue;
}

Schedule crossover(const Schedule &a, const Schedule &b, Rng &rng)
{
	Schedule child = a;
	if (rng.one_in(2))
		child.search = b.search;
	for (unsigned cpu = 0; cpu < cpu_count(a) && cpu < cpu_count(b); cpu++) {
		const bool swapped = rng.one_in(2);
		const std::vector<Op> &head = swapped ? b.cpus[cpu] : a.cpus[cpu];
		const std::vector<Op> &tail = swapped ? a.cpus[cpu] : b.cpus[cpu];
		const auto keep = rng.below(static_cast<std::uint32_t>(head.size() + 1));
		const auto skip = rng.below(static_cast<std::uint32_t>(tail.size() + 1));
		std::vector<Op> &script = child.cpus[cpu];
		script.assign(head.begin(), head.begin() + keep);
		script.insert(script.end(), tail.begin() + skip, tail.end());
	}
	clip(child); // scripts that grew too long; CPUs that `a` does not have
	return child;
}

} // namespace lazymm::schedule
