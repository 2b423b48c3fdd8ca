// SPDX-License-Identifier: MIT
// All scenarios of membarrier(2) in turns, and threads that GLOBAL_EXPEDITED leaves out.
#pragma once

#include "fuzz/lazymm/host_slice.h"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#ifdef SYS_membarrier

namespace lazymm::command::host
{

using report::Json;

/// Processes with another mm, one per CPU, from before there was a registration (which fork()
/// hands on).
class Partners
{
public:
	Partners(Shared &shared, const std::vector<int> &cpus) : shared_(shared)
	{
		for (const int cpu : cpus) {
			const pid_t pid = fork();
			if (pid == 0)
				take_turns(cpu);
			if (pid > 0)
				pids_.push_back(pid);
		}
	}
	~Partners()
	{
		for (const pid_t pid : pids_)
			kill(pid, SIGKILL);
		for (const pid_t pid : pids_)
			waitpid(pid, nullptr, 0);
	}
	Partners(const Partners &) = delete;
	Partners &operator=(const Partners &) = delete;

private:
	[[noreturn]] void take_turns(int cpu)
	{
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(cpu);
		// Asleep it must not run at all: its mm would undo what leave_out() looks for.
		for (;;) {
			const int turns = shared_.turns.load(std::memory_order_relaxed);
			if (turns == 0 || turns == cpu + 1)
				futex_wait(shared_.turns, turns);
			else
				sched_yield();
		}
	}

	Shared &shared_;
	std::vector<pid_t> pids_;
};

class Experiment
{
public:
	Experiment(Shared &shared, std::vector<int> cpus, int commands)
		: shared_(shared), cpus_(std::move(cpus))
	{
		for (const int command : { +private_expedited, +global_expedited }) {
			if (!(commands & command))
				continue;
			for (const Scenario scenario : { Scenario::a, Scenario::b }) {
				for (const Path path : { Path::running, Path::idle, Path::other })
					configs_.push_back({ command, scenario, path });
			}
		}
		configs_.push_back({ 0, Scenario::a, Path::running });
		counts_.resize(configs_.size());
		left_out_possible_ =
			(commands & global_expedited) && (commands & private_expedited);
	}

	void run(Clock::time_point end)
	{
		using Seconds = std::chrono::duration<double>;
		// Everything once per second, so that an interrupt finds something of each.
		const double cycle = std::min(Seconds(end - Clock::now()).count(), 1.0);
		const auto slice = std::chrono::duration_cast<Clock::duration>(
			Seconds(0.7 * cycle / static_cast<double>(configs_.size())));
		const auto trials =
			std::chrono::duration_cast<Clock::duration>(Seconds(0.3 * cycle));
		for (unsigned turn = 0; !over(end); turn++) {
			for (std::size_t i = 0; i < configs_.size() && !over(end); i++)
				run_slice(i, turn + i, std::min(end, Clock::now() + slice));
			const auto until = std::min(end, Clock::now() + trials);
			while (left_out_possible_ && !over(until))
				leave_out(turn, until);
		}
	}

	void report(Checks &checks) const
	{
		for (std::size_t i = 0; i < configs_.size(); i++)
			checks.push_back(check(configs_[i], counts_[i]));
		if (left_out_possible_)
			checks.push_back(left_out_check());
	}

private:
	bool over(Clock::time_point end) const
	{
		return shared_.stop.load(std::memory_order_relaxed) || Interrupt::raised() ||
		       Clock::now() >= end;
	}
	int cpu(unsigned i) const { return cpus_[i % cpus_.size()]; }

	/// The sender, on its CPU; a sibling on every other one.
	void run_slice(std::size_t index, unsigned turn, Clock::time_point end)
	{
		Counts &counts = counts_[index];
		const int sender = cpu(turn);
		pin(sender);
		set_turns(configs_[index].path == Path::other ? sender + 1 : 0);
		Slice slice(shared_, configs_[index], end);
		for (const int other : cpus_) {
			if (other != sender)
				slice.start(other);
		}
		const auto before = all_calls(sender);
		while (!slice.over() && slice.round(counts)) {
		}
		const auto after = all_calls(sender);
		set_turns(0);
		slice.join();
		for (const auto &sibling : slice.siblings())
			counts.switches += sibling->switches;
		counts.calls_known = counts.calls_known && before && after;
		if (counts.calls_known)
			counts.calls += *after - *before;
	}

	void set_turns(int turns)
	{
		if (shared_.turns.exchange(turns) != turns)
			futex_wake(shared_.turns);
	}

	std::optional<long> all_calls(int sender) const
	{
		long sum = 0;
		for (const int other : cpus_) {
			const auto calls = other == sender ? 0 : function_calls(other);
			if (!calls)
				return {};
			sum += *calls;
		}
		return sum;
	}

	/// IPIs that the sibling's CPU gets in so many rounds; nothing if that cannot be known.
	static std::optional<long> calls_in(Slice &slice, int command, int cpu, Counts &counts,
					    unsigned rounds)
	{
		slice.set_command(command);
		const auto before = function_calls(cpu);
		for (unsigned i = 0; i < rounds; i++) {
			if (!slice.round(counts))
				return {};
		}
		const auto after = function_calls(cpu);
		if (!before || !after)
			return {};
		return *after - *before;
	}

	/// Linux 6.12: a thread that exits takes its mm from the run queue's membarrier_state, and
	/// a switch from there to a sibling, lazily the same mm, does not put it back.
	void leave_out(unsigned turn, Clock::time_point end)
	{
		constexpr unsigned kRounds = 20;
		constexpr long kMost = 15, kFew = 2;
		const int sender = cpu(turn), there = cpu(turn + 1);
		pin(sender);
		// Its length is its own, so that a short time has one trial too.
		Slice slice(shared_, { global_expedited, Scenario::a, Path::running },
			    std::max(end, Clock::now() + std::chrono::milliseconds(300)));
		slice.start(there);
		slice.start(there);
		// Switches from another mm, which put right what the last trial left behind.
		set_turns(sender + 1);
		std::this_thread::sleep_for(std::chrono::milliseconds(10));
		set_turns(0);
		Counts before, after, controls;
		const auto both = calls_in(slice, global_expedited, there, before, kRounds);
		slice.end_first();
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
		// A round ends when the sibling saw it: it runs.
		const auto alone = calls_in(slice, global_expedited, there, after, kRounds);
		if (alone)
			calls_in(slice, global_expedited, there, after, 2000);
		const auto control = calls_in(slice, private_expedited, there, controls, kRounds);
		trials_++;
		left_rounds_ += after.rounds;
		left_forbidden_ += after.forbidden;
		add(global_expedited, before);
		add(private_expedited, controls);
		// IPIs of others can only add to these.
		if (!both || !alone || !control || *both < kMost || *control < kMost)
			return;
		known_++;
		left_out_ += *alone <= kFew;
	}

	/// Rounds with siblings that run, of which one more line would say nothing new.
	void add(int command, const Counts &more)
	{
		for (std::size_t i = 0; i < configs_.size(); i++) {
			if (configs_[i].command == command && configs_[i].scenario == Scenario::a &&
			    configs_[i].path == Path::running) {
				counts_[i].rounds += more.rounds;
				counts_[i].forbidden += more.forbidden;
			}
		}
	}

	static HostCheck check(const Config &config, const Counts &counts)
	{
		constexpr const char *paths[] = { "running", "idle", "other" };
		const std::string ipis =
			counts.calls_known ? std::to_string(counts.calls) : "unknown";
		HostCheck out;
		out.what = fmt::format("{} {} {}", command_name(config.command),
				       config.scenario == Scenario::a ? "A" : "B",
				       paths[static_cast<unsigned>(config.path)]);
		out.counts = { { "command", command_name(config.command) },
			       { "scenario", config.scenario == Scenario::a ? "A" : "B" },
			       { "siblings", paths[static_cast<unsigned>(config.path)] },
			       { "rounds", counts.rounds },
			       { "forbidden", counts.forbidden },
			       { "switches", counts.switches },
			       { "ipis", counts.calls_known ? Json(counts.calls) : Json() } };
		out.text = fmt::format("{} forbidden in {} rounds; {} switches, IPIs: {}",
				       counts.forbidden, counts.rounds, counts.switches, ipis);
		if (config.command == 0) {
			out.verdict = HostCheck::note;
			out.text = fmt::format("the outcome that a call forbids: {} in {} rounds",
					       counts.forbidden, counts.rounds);
		} else if (counts.forbidden != 0) {
			out.verdict = HostCheck::violation;
		} else if (counts.rounds == 0) {
			out.verdict = HostCheck::note;
			out.text = "no round within the time";
		}
		return out;
	}

	HostCheck left_out_check() const
	{
		HostCheck out{ .what = "GLOBAL_EXPEDITED after exit", .text = {} };
		out.counts = { { "trials", trials_ },
			       { "known", known_ },
			       { "left_out", left_out_ },
			       { "rounds", left_rounds_ },
			       { "forbidden", left_forbidden_ } };
		if (left_out_ != 0 || left_forbidden_ != 0) {
			out.verdict = HostCheck::violation;
			out.text =
				fmt::format("GLOBAL_EXPEDITED left out a running registered thread "
					    "in {} of {} trials; {} forbidden in {} rounds",
					    left_out_, known_, left_forbidden_, left_rounds_);
		} else if (known_ == 0) {
			out.verdict = HostCheck::note;
			out.text =
				fmt::format("unknown: no IPIs to be counted in {} trials", trials_);
		} else {
			out.text =
				fmt::format("a running registered thread was left out in 0 of {} "
					    "trials",
					    known_);
		}
		return out;
	}

	Shared &shared_;
	std::vector<int> cpus_;
	std::vector<Config> configs_;
	std::vector<Counts> counts_;
	bool left_out_possible_ = false;
	unsigned trials_ = 0, known_ = 0, left_out_ = 0;
	std::uint64_t left_rounds_ = 0, left_forbidden_ = 0;
};

} // namespace lazymm::command::host

#endif
