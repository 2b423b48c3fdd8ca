// SPDX-License-Identifier: MIT
// A vector clock in one SSE register: a lane per CPU, 16 bits each.
//
// A lane counts a CPU's release operations (FastTrack's epochs, Flanagan & Freund, PLDI 2009), not
// its accesses, so that 15 bits last for a run: Machine::kMaxAccesses is below 2^15.
#pragma once

#include <cstdint>

namespace lazymm::machine
{

/// CPUs of the machine; litmus tests have up to six threads.
inline constexpr unsigned kMaxCpus = 8;

class Clock
{
	typedef std::int16_t Lanes __attribute__((vector_size(16)));
	typedef long long Halves __attribute__((vector_size(16)));

public:
	/// One in the lane of `cpu`, zero elsewhere.
	static Clock unit(unsigned cpu)
	{
		Clock c;
		c.lanes_[cpu] = 1;
		return c;
	}

	void join(const Clock &other) { lanes_ = lanes_ > other.lanes_ ? lanes_ : other.lanes_; }
	void add(const Clock &other) { lanes_ += other.lanes_; }

	/// Every lane of `other` is at most ours: what it stands for happened before.
	bool covers(const Clock &other) const
	{
		Halves greater = (Halves)(other.lanes_ > lanes_);
		return (greater[0] | greater[1]) == 0;
	}

	/// Above every clock of a run, in all lanes.
	static Clock never()
	{
		Clock c;
		c.lanes_ = ~c.lanes_ & 0x7fff;
		return c;
	}
	/// Every lane is above `other`'s.
	bool exceeds(const Clock &other) const
	{
		Halves greater = (Halves)(lanes_ > other.lanes_);
		return (greater[0] & greater[1]) == -1;
	}
	/// Our lane of `unit`'s CPU is at most `other`'s.
	void lower(const Clock &other, const Clock &unit)
	{
		Lanes bound = other.lanes_ | (never().lanes_ & ~-unit.lanes_);
		lanes_ = lanes_ < bound ? lanes_ : bound;
	}

	/// Our lane of `unit`'s CPU, zero elsewhere: an epoch.
	Clock epoch(const Clock &unit) const
	{
		Clock c;
		c.lanes_ = lanes_ & -unit.lanes_;
		return c;
	}
	/// Replaces the lane of `unit`'s CPU by that of `other`.
	void set_epoch(const Clock &other, const Clock &unit)
	{
		Lanes mask = -unit.lanes_;
		lanes_ = (lanes_ & ~mask) | (other.lanes_ & mask);
	}

	std::int16_t lane(unsigned cpu) const { return lanes_[cpu]; }
	bool operator==(const Clock &other) const { return covers(other) && other.covers(*this); }

private:
	Lanes lanes_{};
};

inline Clock joined(Clock a, const Clock &b)
{
	a.join(b);
	return a;
}

} // namespace lazymm::machine
