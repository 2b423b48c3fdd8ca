// SPDX-License-Identifier: MIT
#include "core/machine/weak.h"

#include <algorithm>

#include "core/machine/machine.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

void Weak::reset(Policy *policy, bool dependencies)
{
	// Words outlive machines, and are not told of new runs: so no two runs have one number.
	static std::atomic<std::uint32_t> runs{ 0 };
	run_ = runs.fetch_add(1, std::memory_order_relaxed) + 1;
	used_ = 0;
	policy_ = policy;
	dependencies_ = dependencies;
	choice_ = 0;
}

Weak::History &Weak::begin_history(const SharedWord &word)
{
	if (used_ == histories_.size()) {
		tsan::Ignore ignore; // the allocator
		histories_.emplace_back();
	}
	History &h = histories_[used_];
	word.history = used_++;
	word.history_run = run_;
	h.n = 1;
	h.stores[0] = { word.word.load(std::memory_order_relaxed), false, word.message, Clock{},
			Clock{} };
	return h;
}

inline Weak::History &Weak::history(const SharedWord &word)
{
	if (word.history_run == run_) [[likely]]
		return histories_[word.history];
	return begin_history(word);
}

// --- what is allowed, and chosen ---

/// One of `n` places: the policy is asked if there are several.
unsigned Weak::choose(Cpu &cpu, const unsigned *places, unsigned n)
{
	if (n < 2)
		return places[0];
	cpu.machine->settle(cpu); // positions count for decisions
	tsan::Ignore ignore;
	choice_ = std::min(policy_->older(cpu, n), n - 1);
	return places[choice_];
}

/// Of the stores that the CPU may read.
unsigned Weak::choose_older(Cpu &cpu, const History &h)
{
	unsigned places[kDepth], n = 0;
	for (unsigned i = h.n; i-- > 0;) {
		places[n++] = i;
		if (known(cpu.known, h.stores[i]))
			break;
	}
	return choose(cpu, places, n);
}

/// Where a store may go: above all that `bound` knows, and not between an RMW and the store it
/// read.
unsigned Weak::choose_place(Cpu &cpu, const History &h, const Clock &bound)
{
	unsigned places[kDepth], n = 0;
	for (unsigned at = h.n;; at--) {
		if (at == h.n || !h.stores[at].atomic)
			places[n++] = at;
		if (at == 1 || known(bound, h.stores[at - 1]))
			break;
	}
	if (n < 2)
		return h.n;
	cpu.machine->settle(cpu);
	tsan::Ignore ignore;
	choice_ = std::min(policy_->under(cpu, n), n - 1);
	return places[choice_];
}

/// Which store an RMW reads: the newest, or an older one that no other RMW has read. A
/// compare-exchange takes an older one only if it succeeds there: a lock's loop does not spin on a
/// value that is long gone.
unsigned Weak::choose_rmw(Cpu &cpu, const History &h, RmwOp op, std::uint64_t expected,
			  std::uint64_t mask, const Clock &bound)
{
	unsigned places[kDepth], n = 0;
	for (unsigned i = h.n; i-- > 0;) {
		bool newest = i == h.n - 1;
		if (newest ||
		    (!h.stores[i + 1].atomic && !fails(op, h.stores[i].value, expected, mask)))
			places[n++] = i;
		if (known(bound, h.stores[i]))
			break;
	}
	return choose(cpu, places, n);
}

// --- what it does ---

inline void Weak::see(Cpu &cpu, Store &s, Order order)
{
	s.since.lower(cpu.known, cpu.unit);
	if (order == Order::acquire) {
		cpu.known.join(s.message);
		cpu.known.join(s.fenced);
		cpu.fenced.join(s.fenced);
		cpu.published.join(s.fenced);
	} else {
		cpu.seen.join(s.message);
		cpu.seen.join(s.fenced);
		cpu.seen_fenced.join(s.fenced);
	}
}

void Weak::barrier(Cpu &cpu, AccessKind kind, Clock &agreed)
{
	switch (kind) {
	case AccessKind::mb:
		Clocks::mb(cpu, agreed);
		cpu.fenced = cpu.published;
		break;
	case AccessKind::rmb:
		Clocks::rmb(cpu);
		cpu.fenced.join(cpu.seen_fenced);
		cpu.published.join(cpu.fenced);
		break;
	default:
		Clocks::wmb(cpu);
		break;
	}
}

inline Weak::Store &Weak::insert(Cpu &cpu, History &h, unsigned at, std::uint64_t value)
{
	if (h.n == kDepth) {
		// Many at once: one by one would move all of them at every store.
		constexpr unsigned kForgotten = kDepth * 3 / 4;
		std::copy(h.stores + kForgotten, h.stores + h.n, h.stores);
		h.n -= kForgotten;
		at = std::max(at, kForgotten + 1) - kForgotten;
	}
	for (unsigned i = h.n; i > at; i--)
		h.stores[i] = h.stores[i - 1];
	h.n++;
	Store &s = h.stores[at];
	s.value = value;
	s.since = Clock::never();
	s.since.lower(cpu.known, cpu.unit);
	return s;
}

/// What is newest, for peek().
inline void Weak::to_word(SharedWord &word, const History &h)
{
	word.message = h.stores[h.n - 1].message;
	word.word.store(h.stores[h.n - 1].value, std::memory_order_relaxed);
}

std::uint64_t Weak::load(Cpu &cpu, const SharedWord &word, Order order)
{
	History &h = history(word);
	unsigned i = h.n - 1;
	choice_ = 0;
	if (!known(cpu.known, h.stores[i])) [[unlikely]]
		i = choose_older(cpu, h);
	see(cpu, h.stores[i], order);
	return h.stores[i].value;
}

void Weak::store(Cpu &cpu, SharedWord &word, std::uint64_t value, Order order)
{
	History &h = history(word);
	unsigned at = h.n;
	choice_ = 0;
	Clock bound = cpu.known;
	if (order == Order::release || !dependencies_)
		bound.join(cpu.seen);
	if (!known(bound, h.stores[at - 1])) [[unlikely]]
		at = choose_place(cpu, h, bound);
	Store &s = insert(cpu, h, at, value);
	s.atomic = false;
	Clocks::store(cpu, order, s.message);
	s.fenced = cpu.fenced;
	if (order == Order::release)
		s.fenced.join(cpu.seen_fenced);
	to_word(word, h);
}

std::uint64_t Weak::rmw(Cpu &cpu, SharedWord &word, RmwOp op, std::uint64_t operand, Order order,
			std::uint64_t expected, std::uint64_t mask, Clock &agreed)
{
	History &h = history(word);
	choice_ = 0;
	// A failed compare-exchange orders nothing; no older store makes one fail.
	if (order == Order::full && !fails(op, h.stores[h.n - 1].value, expected, mask))
		barrier(cpu, AccessKind::mb, agreed);
	Clock bound = cpu.known;
	if (order == Order::release || !dependencies_)
		bound.join(cpu.seen);
	unsigned i = h.n - 1;
	if (!known(bound, h.stores[i])) [[unlikely]]
		i = choose_rmw(cpu, h, op, expected, mask, bound);
	const std::uint64_t old = h.stores[i].value;
	if (fails(op, old, expected, mask)) {
		see(cpu, h.stores[i], Order::relaxed);
		return old;
	}
	Clock message = h.stores[i].message, fenced = h.stores[i].fenced;
	see(cpu, h.stores[i], order);
	bool newest = i == h.n - 1;
	Store &s = insert(cpu, h, newest ? h.n : i + 1, apply(op, old, operand));
	s.atomic = true;
	if (order == Order::release) {
		fenced.join(cpu.seen_fenced);
		message.join(Clocks::release(cpu));
	} else {
		message.join(cpu.published);
	}
	s.message = message;
	s.fenced = joined(fenced, cpu.fenced);
	to_word(word, h);
	if (order == Order::full)
		barrier(cpu, AccessKind::mb, agreed);
	return old;
}

} // namespace lazymm::machine
