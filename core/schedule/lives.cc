// SPDX-License-Identifier: MIT
#include "core/schedule/lives.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lazymm::schedule
{

namespace
{

constexpr std::uint8_t kKthread = 8;
constexpr std::uint8_t kIdle = 9;
constexpr unsigned kNowhere = kMaxCpus;

/// What a process does, one operation after the other.
struct Life {
	std::uint8_t task = 0;
	unsigned lazy = 0;  ///< CPU that becomes lazy on it
	unsigned grave = 0; ///< CPU that it ends on
	unsigned step = 0;  ///< how much of that is done
};
constexpr unsigned kSteps = 5;

/// Makes operations in one order, and knows who is where if nothing else is decided.
class Story
{
public:
	Story(Rng &rng, unsigned cpus) : rng_(rng), cpus_(cpus)
	{
		std::fill(std::begin(on_), std::end(on_), kIdle);
		on_[0] = 0; // A
	}

	void go_on(Life &life);
	void switch_to(unsigned cpu, std::uint8_t task);
	Schedule told() const;

private:
	struct Turn {
		unsigned cpu;
		Op op;
	};

	unsigned where(std::uint8_t task) const
	{
		const auto *at = std::find(on_, on_ + cpus_, task);
		return at == on_ + cpus_ ? kNowhere : static_cast<unsigned>(at - on_);
	}
	void add(unsigned cpu, OpKind kind, std::uint8_t operand = 0)
	{
		turns_.push_back({ cpu, { kind, operand, {} } });
	}
	unsigned parent();

	Rng &rng_;
	const unsigned cpus_;
	std::uint8_t on_[kMaxCpus]; ///< current of each CPU
	std::vector<Turn> turns_;
};

void Story::switch_to(unsigned cpu, std::uint8_t task)
{
	if (const unsigned from = where(task); task < kUserTasks && from != kNowhere && from != cpu)
		switch_to(from, kKthread);
	if (on_[cpu] != task)
		add(cpu, OpKind::switch_to, task);
	on_[cpu] = task;
}

/// A CPU where A runs.
unsigned Story::parent()
{
	if (where(0) == kNowhere)
		switch_to(rng_.below(cpus_), 0);
	return where(0);
}

void Story::go_on(Life &life)
{
	switch (life.step++) {
	case 0:
		add(parent(), OpKind::fork, life.task);
		break;
	case 1:
		switch_to(life.lazy, life.task);
		break;
	case 2:
		switch_to(life.lazy, rng_.one_in(4) ? kIdle : kKthread);
		break;
	case 3:
		switch_to(life.grave, life.task);
		break;
	case 4:
		switch_to(life.grave, life.task);
		add(life.grave, OpKind::exit);
		on_[life.grave] = kIdle;
		break;
	}
}

/// A CPU whose next operation is not the next one of all lets the CPU of that go first.
Schedule Story::told() const
{
	Schedule out;
	out.cpus.assign(cpus_, {});
	unsigned next[kMaxCpus]; // who goes first before this one's next operation
	std::fill(std::begin(next), std::end(next), kNowhere);
	const auto append = [&](unsigned cpu, Op op) {
		if (next[cpu] != kNowhere)
			op.decisions = { { 1, DecisionKind::run,
					   static_cast<std::uint8_t>(next[cpu]) } };
		next[cpu] = kNowhere;
		out.cpus[cpu].push_back(std::move(op));
	};
	for (std::size_t i = 0; i < turns_.size(); i++) {
		append(turns_[i].cpu, turns_[i].op);
		if (i + 1 < turns_.size() && turns_[i + 1].cpu != turns_[i].cpu)
			next[turns_[i].cpu] = turns_[i + 1].cpu;
	}
	for (unsigned cpu = 0; cpu < cpus_; cpu++)
		if (next[cpu] != kNowhere)
			append(cpu, { OpKind::touch, 0, {} });
	return out;
}

} // namespace

Schedule random_lives(Rng &rng, unsigned cpus)
{
	Story story(rng, cpus);
	Life lives[4];
	const unsigned n = 2 + rng.below(3);
	// A chain: one after the other, all of them on one CPU, the first ones born before.
	const bool chain = rng.one_in(2);
	const unsigned lazy = rng.below(cpus);
	const unsigned born = chain ? rng.below(n) : 0;
	for (unsigned i = 0; i < n; i++) {
		Life &life = lives[i];
		life.task = static_cast<std::uint8_t>(1 + i);
		life.lazy = chain || !rng.one_in(4) ? lazy : rng.below(cpus);
		life.grave = (life.lazy + 1 + rng.below(std::max(cpus, 2u) - 1)) % cpus;
		if (i < born)
			story.go_on(life);
	}
	for (unsigned first = 0; first < n;) {
		// Mostly the oldest one that lives, in a chain always; else now and then the next.
		const bool next =
			!chain && first + 1 < n && rng.one_in(4) && lives[first + 1].step < kSteps;
		story.go_on(lives[first + next]);
		while (first < n && lives[first].step == kSteps)
			first++;
		if (rng.one_in(8))
			story.switch_to(rng.below(cpus), rng.one_in(2) ? kIdle : kKthread);
	}
	return story.told();
}

} // namespace lazymm::schedule
