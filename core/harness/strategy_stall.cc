// SPDX-License-Identifier: MIT
// Stall: operations follow each other, each as a whole, and a few times somebody is stopped in the
// middle of one, for long. After Emmi, Qadeer, Rakamaric: "Delay-Bounded Scheduling" (POPL 2011): a
// scheduler that takes few decisions, and some delays on top. Where others change CPU often and
// come back soon, this one is for whoever has looked and acts on it much later: ABA, a thief that
// is late, a publication that is.
//
// Deviates:
//  - the scheduler below the delays draws: at the beginning of an operation another CPU may go
//    first, with a probability drawn for each run; none: a schedule that says by decisions who
//    goes when is followed, but for the delays
//  - a delay is not to the end of the round. It ends when others have begun so many operations, 1
//    to 16, or not before nobody else can move
//  - where: at accesses drawn beforehand, or before what is done to some names of locations, chosen
//    by hashing as SURW's, because who acts late on what he has seen acts on a word that he names
//  - a delay may be a preemption: then the task stands still, and its CPU goes on with others
#include "core/harness/disturb.h"
#include "core/harness/name_hashes.h"

namespace lazymm
{

namespace
{

class Stall : public Strategy
{
public:
	void begin(std::uint64_t seed, const RunShape &shape) override
	{
		rng_ = Rng(seed);
		disturb_.begin(rng_);
		const std::uint64_t r = rng_.next();
		change_of_8_ = (r & 3) == 0 ? 0 : (r & 3) == 1 ? 2 : 8;
		preempts_of_8_ = (r >> 2 & 3) == 0 ? 4 : (r >> 2 & 3) == 1 ? 1 : 0;
		by_name_ = r >> 4 & 1;
		salt_ = static_cast<std::uint32_t>(r >> 32);
		hits_of_8_ = 1u << (r >> 5 & 3);
		reads_too_ = (r >> 7 & 3) == 0;
		left_ = 1 + (r >> 9 & 3);
		points_ = 0;
		std::uint32_t ops = 0;
		for (unsigned i = 0; i < shape.cpus; i++) {
			ops += shape.ops[i];
			at_op_[i] = machine::kNoOp;
		}
		if (!by_name_ && ops > 0) {
			for (; points_ < left_; points_++)
				point_[points_] = { rng_.below(ops),
						    2 + rng_.below(8u << rng_.below(4)) };
		}
		stalled_ = 0;
		begun_ = 0;
	}

	std::uint32_t lookahead(const Cpu &cpu) override
	{
		if (cpu.activity.op != at_op_[cpu.index] || disturb_.tick_every())
			return 0;
		if (by_name_)
			return left_ ? 0 : kFar;
		std::uint32_t at = kFar;
		for (unsigned i = 0; i < points_; i++)
			if (point_[i].op == cpu.activity.op && point_[i].at > cpu.activity.count)
				at = std::min(at, point_[i].at - cpu.activity.count - 1);
		return at;
	}

	Choice before_access(const Cpu &cpu, const Access &access, CpuSet movable) override
	{
		const unsigned self = cpu.index;
		stalled_ &= ~cpu_bit(self); // nobody else could move
		if (disturb_.tick_due(rng_))
			return disturb_.tick(rng_);
		if (cpu.activity.op != at_op_[self]) {
			at_op_[self] = cpu.activity.op;
			begun_++;
			return begins(movable);
		}
		if (!left_ || !due(cpu, access))
			return {};
		left_--;
		if (rng_.below(8) < preempts_of_8_)
			return { .kind = Choice::preempt };
		const CpuSet others = movable & ~stalled_;
		if (!others)
			return {};
		stalled_ |= cpu_bit(self);
		until_[self] = rng_.one_in(3) ? ~0u : begun_ + 1 + rng_.below(2u << rng_.below(4));
		return { .kind = Choice::run, .cpu = random_cpu(rng_, others) };
	}

	unsigned next_cpu(const Cpu &cpu, CpuSet movable) override
	{
		stalled_ &= ~cpu_bit(cpu.index);
		const CpuSet others = movable & ~stalled_;
		return random_cpu(rng_, others ? others : movable);
	}

	std::uint32_t hold_back(const Cpu &) override { return disturb_.hold_back(rng_); }
	unsigned pick(const Cpu &, unsigned n) override { return rng_.below(n); }
	unsigned older(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	unsigned under(const Cpu &, unsigned n) override { return disturb_.older(rng_, n); }
	std::uint32_t hold(const Cpu &) override { return disturb_.hold(rng_); }

private:
	static constexpr std::uint32_t kFar = machine::Machine::kMaxAccesses;
	static constexpr unsigned kNameBits = 4; ///< one name in 16: two or three of them

	struct Point {
		std::uint32_t op = 0; ///< over all scripts
		std::uint32_t at = 0; ///< its access, from 1
	};

	/// An operation begins: who was stalled long enough goes first, or anybody else may.
	Choice begins(CpuSet movable)
	{
		for (CpuSet s = movable & stalled_; s; s &= s - 1) {
			const unsigned i = static_cast<unsigned>(std::countr_zero(s));
			if (until_[i] <= begun_)
				return { .kind = Choice::run, .cpu = i };
		}
		const CpuSet others = movable & ~stalled_;
		if (!others || rng_.below(8) >= change_of_8_)
			return {};
		// Whoever is asked may stay.
		const unsigned stays =
			rng_.below(1 + static_cast<std::uint32_t>(std::popcount(others))) == 0;
		return stays ? Choice{}
			     : Choice{ .kind = Choice::run, .cpu = random_cpu(rng_, others) };
	}

	bool due(const Cpu &cpu, const Access &access)
	{
		if (by_name_)
			return access.location && (reads_too_ || machine::is_write(access.kind)) &&
			       names_.chosen(access.location->name(), salt_, kNameBits) &&
			       rng_.below(8) < hits_of_8_;
		for (unsigned i = 0; i < points_; i++)
			if (point_[i].op == cpu.activity.op && point_[i].at == cpu.activity.count)
				return true;
		return false;
	}

	Rng rng_{ 0 };
	Disturb disturb_;
	NameHashes names_;
	std::uint32_t change_of_8_ = 8;	  ///< how often another CPU may go first between operations
	std::uint32_t preempts_of_8_ = 0; ///< stalls that are preemptions
	bool by_name_ = false;
	bool reads_too_ = false;
	std::uint32_t salt_ = 0;
	std::uint32_t hits_of_8_ = 8; ///< accesses to chosen names that stall
	unsigned left_ = 0;	      ///< stalls still to come
	Point point_[4];
	unsigned points_ = 0;
	CpuSet stalled_ = 0;
	std::uint32_t until_[machine::kMaxCpus] = {}; ///< as many operations have begun by then
	std::uint32_t begun_ = 0;
	std::uint16_t at_op_[machine::kMaxCpus] = {}; ///< the operation that each CPU was seen in
};

} // namespace

std::unique_ptr<Strategy> make_stall()
{
	return std::make_unique<Stall>();
}

} // namespace lazymm
