// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/host_membarrier.h"

#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#if defined(__linux__)

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <optional>
#include <sstream>
#include <thread>

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#endif

namespace lazymm::command
{

using report::Json;

#if defined(__linux__) && defined(SYS_membarrier)

namespace
{

using Clock = std::chrono::steady_clock;
using Checks = std::vector<HostCheck>;

/// include/uapi/linux/membarrier.h; the headers of a build may be older than the kernel it runs on.
enum Command : int {
	query = 0,
	global_expedited = 1 << 1,
	register_global_expedited = 1 << 2,
	private_expedited = 1 << 3,
	register_private_expedited = 1 << 4,
	sync_core = 1 << 5,
	register_sync_core = 1 << 6,
	rseq = 1 << 7,
	register_rseq = 1 << 8,
	get_registrations = 1 << 9,
};

constexpr std::pair<int, const char *> kCommands[] = {
	{ 1 << 0, "GLOBAL" },
	{ global_expedited, "GLOBAL_EXPEDITED" },
	{ register_global_expedited, "REGISTER_GLOBAL_EXPEDITED" },
	{ private_expedited, "PRIVATE_EXPEDITED" },
	{ register_private_expedited, "REGISTER_PRIVATE_EXPEDITED" },
	{ sync_core, "PRIVATE_EXPEDITED_SYNC_CORE" },
	{ register_sync_core, "REGISTER_PRIVATE_EXPEDITED_SYNC_CORE" },
	{ rseq, "PRIVATE_EXPEDITED_RSEQ" },
	{ register_rseq, "REGISTER_PRIVATE_EXPEDITED_RSEQ" },
	{ get_registrations, "GET_REGISTRATIONS" },
};

/// As in the kernel: 0 or more, or -errno.
int membarrier(int command, unsigned flags = 0)
{
	const long value = syscall(SYS_membarrier, command, flags, 0);
	return value < 0 ? -errno : static_cast<int>(value);
}

std::string returned(int value)
{
	return value < 0 ? strerrorname_np(-value) : std::to_string(value);
}

void futex_wait(std::atomic<int> &word, int value)
{
	syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

void futex_wake(std::atomic<int> &word)
{
	syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

/// Between the processes.
struct Shared {
	std::atomic<bool> stop{ false }; ///< the command was interrupted
	/// 0, or partners take all CPUs but this one (its number + 1) in turns with us.
	std::atomic<int> turns{ 0 };
};

/// barrier(): for the compiler only, which is all that one side of membarrier(2) needs.
void barrier()
{
	std::atomic_signal_fence(std::memory_order_seq_cst);
}

bool pin(int cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(static_cast<std::size_t>(cpu), &set);
	return sched_setaffinity(0, sizeof set, &set) == 0;
}

std::vector<int> usable_cpus()
{
	std::vector<int> cpus;
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return cpus;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(static_cast<std::size_t>(cpu), &set))
			cpus.push_back(cpu);
	}
	return cpus;
}

/// Function call IPIs that a CPU has got so far, or nothing if that cannot be known.
std::optional<long> function_calls(int cpu)
{
	std::ifstream file("/proc/interrupts");
	std::string line, word;
	if (!std::getline(file, line))
		return {};
	std::istringstream header(line);
	int column = 0, at = -1;
	for (; header >> word; column++) {
		if (word == "CPU" + std::to_string(cpu))
			at = column;
	}
	while (at >= 0 && std::getline(file, line)) {
		if (line.find("Function call interrupts") == std::string::npos)
			continue;
		std::istringstream row(line);
		row >> word;
		long value = -1;
		for (int i = 0; i <= at; i++)
			row >> value;
		return row ? std::optional(value) : std::nullopt;
	}
	return {};
}

enum class Scenario { a, b };
enum class Path { running, idle, other };

struct Config {
	int command; ///< 0: none, to see whether the scenario shows anything without
	Scenario scenario;
	Path path;
};

/// What one sibling writes, away from the others.
struct Sibling {
	alignas(64) std::atomic<std::uint64_t> y{ 0 };
	/// The first round of its own in which it saw the sender's newest x, and that x.
	alignas(64) std::atomic<std::uint64_t> first{ 0 };
	std::atomic<std::uint64_t> seen{ 0 };
	alignas(64) std::atomic<std::uint64_t> data{ 0 };
	alignas(64) std::atomic<std::uint64_t> flag{ 0 };
	alignas(64) std::atomic<int> asleep{ 0 };
	alignas(64) std::atomic<bool> up{ false };
	std::atomic<bool> stop{ false };
	std::uint64_t switches = 0; ///< to be read after the end
};

struct Counts {
	std::uint64_t rounds = 0, forbidden = 0, switches = 0;
	long calls = 0; ///< IPIs
	bool calls_known = true;
};

/// xorshift: bursts of another length each time.
std::uint32_t draw(std::uint32_t &state)
{
	state ^= state << 13;
	state ^= state >> 17;
	return state ^= state << 5;
}

class Slice
{
public:
	Slice(const Shared &shared, Config config, Clock::time_point end)
		: shared_(shared), config_(config), end_(end)
	{
	}
	~Slice() { join(); }
	Slice(const Slice &) = delete;
	Slice &operator=(const Slice &) = delete;

	Sibling &start(int cpu)
	{
		siblings_.push_back(std::make_unique<Sibling>());
		Sibling &sibling = *siblings_.back();
		threads_.emplace_back([this, cpu, &sibling] { run(cpu, sibling); });
		while (!sibling.up.load(std::memory_order_relaxed))
			sched_yield();
		return sibling;
	}
	bool over() const
	{
		return shared_.stop.load(std::memory_order_relaxed) || Interrupt::raised() ||
		       Clock::now() >= end_;
	}
	/// One call, and what every sibling makes of it. False if the time ended before.
	bool round(Counts &counts)
	{
		wake_all();
		delay();
		return config_.scenario == Scenario::a ? round_a(counts) : round_b(counts);
	}
	void set_command(int command) { config_.command = command; }
	/// The first thread that started ends, and its sibling stays.
	void end_first()
	{
		siblings_.front()->stop.store(true, std::memory_order_relaxed);
		threads_.front().join();
		threads_.erase(threads_.begin());
		siblings_.erase(siblings_.begin());
	}
	void join()
	{
		for (const auto &sibling : siblings_) {
			sibling->stop.store(true);
			sibling->asleep.store(0);
			futex_wake(sibling->asleep);
		}
		for (std::thread &thread : threads_)
			thread.join();
		threads_.clear();
	}
	const std::vector<std::unique_ptr<Sibling>> &siblings() const { return siblings_; }

private:
	void call() const
	{
		barrier();
		if (config_.command != 0)
			membarrier(config_.command);
		barrier();
	}

	void pause(Sibling &me, std::uint32_t &burst, std::uint32_t &random) const
	{
		if (config_.path == Path::running || burst-- != 0)
			return;
		burst = draw(random) % 128;
		if (config_.path == Path::other) {
			sched_yield();
			return;
		}
		// Against join(): either it is seen to stop, or this is undone.
		me.asleep.store(1);
		while (!me.stop.load() && me.asleep.load(std::memory_order_relaxed))
			futex_wait(me.asleep, 1);
	}

	/// Those that sleep come back while the sender calls.
	void wake_all()
	{
		if (config_.path != Path::idle)
			return;
		for (const auto &sibling : siblings_) {
			if (sibling->asleep.exchange(0, std::memory_order_relaxed))
				futex_wake(sibling->asleep);
		}
	}

	/// Goes on all the time, so that every call of the sender hits it in the middle.
	void run(int cpu, Sibling &me)
	{
		pin(cpu);
		std::uint64_t n = 0, seen = 0;
		std::uint32_t burst = 0, random = 0x9e3779b9u + static_cast<std::uint32_t>(cpu);
		me.up.store(true, std::memory_order_relaxed);
		while (!me.stop.load(std::memory_order_relaxed)) {
			n++;
			if (config_.scenario == Scenario::a) {
				me.y.store(n, std::memory_order_relaxed);
				barrier();
				const auto x = x_.load(std::memory_order_relaxed);
				if (x != seen) {
					seen = x;
					me.first.store(n, std::memory_order_relaxed);
					me.seen.store(x, std::memory_order_release);
				}
			} else {
				me.data.store(n, std::memory_order_relaxed);
				barrier();
				me.flag.store(n, std::memory_order_relaxed);
			}
			pause(me, burst, random);
		}
		rusage usage{};
		getrusage(RUSAGE_THREAD, &usage);
		me.switches = static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
	}

	/// x = 1; membarrier(); r1 = y || y = 1; barrier(); r2 = x. Forbidden: both 0. Here y
	/// counts: the sender saw y as of round n, so that a sibling's round after n has to see x.
	bool round_a(Counts &counts)
	{
		x_.store(++k_, std::memory_order_relaxed);
		call();
		for (const auto &sibling : siblings_)
			y_.push_back(sibling->y.load(std::memory_order_relaxed));
		bool done = true;
		for (std::size_t i = 0; done && i < siblings_.size(); i++) {
			const Sibling &it = *siblings_[i];
			while (done && it.seen.load(std::memory_order_acquire) != k_) {
				done = !over();
				wake_all();
			}
			if (!done)
				break;
			counts.rounds++;
			counts.forbidden += it.first.load(std::memory_order_relaxed) > y_[i] + 1;
		}
		y_.clear();
		return done;
	}

	/// r1 = flag; membarrier(); r2 = data || data = 1; barrier(); flag = 1. Forbidden: r1 = 1
	/// and r2 = 0.
	bool round_b(Counts &counts)
	{
		for (const auto &sibling : siblings_)
			y_.push_back(sibling->flag.load(std::memory_order_relaxed));
		call();
		for (std::size_t i = 0; i < siblings_.size(); i++) {
			counts.rounds++;
			counts.forbidden +=
				siblings_[i]->data.load(std::memory_order_relaxed) < y_[i];
		}
		y_.clear();
		return true;
	}

	/// So that calls meet the sibling's sleep and wake-up everywhere.
	void delay()
	{
		if (config_.path == Path::running)
			return;
		for (std::uint32_t i = draw(random_) % 8192; i > 0; i--)
			barrier();
	}

	const Shared &shared_;
	Config config_;
	Clock::time_point end_;
	std::uint64_t k_ = 0;
	std::uint32_t random_ = 88172645;
	std::vector<std::uint64_t> y_;
	std::vector<std::unique_ptr<Sibling>> siblings_;
	std::vector<std::thread> threads_;
	alignas(64) std::atomic<std::uint64_t> x_{ 0 };
};

const char *command_name(int command)
{
	for (const auto &[value, name] : kCommands) {
		if (value == command)
			return name;
	}
	return "no call";
}

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

HostCheck query_check(int commands)
{
	HostCheck out{ .what = "QUERY", .text = {} };
	out.counts["commands"] = Json::array();
	for (const auto &[value, name] : kCommands) {
		if (commands & value) {
			out.text += std::string(out.text.empty() ? "" : ", ") + name;
			out.counts["commands"].push_back(name);
		}
	}
	return out;
}

/// Registers for all that there is.
HostCheck api_check(int commands)
{
	HostCheck out{ .what = "API", .text = {} };
	unsigned calls = 0;
	std::vector<std::string> wrong;
	const auto expect = [&](const char *when, int command, unsigned flags, int expected) {
		const int value = membarrier(command, flags);
		calls++;
		if (value != expected)
			wrong.push_back(fmt::format("{} {}: {}, not {}", command_name(command),
						    when, returned(value), returned(expected)));
	};
	constexpr std::pair<int, int> pairs[] = {
		{ private_expedited, register_private_expedited },
		{ sync_core, register_sync_core },
		{ rseq, register_rseq },
	};
	const bool registrations = commands & get_registrations;
	const int already = registrations ? membarrier(get_registrations) : 0;
	int registered = already;
	expect("with unknown flags", private_expedited, 1u << 30, -EINVAL);
	expect("of no meaning", 1 << 30, 0, -EINVAL);
	for (const auto &[command, registration] : pairs) {
		if (!(commands & command))
			continue;
		if (!(already & registration))
			expect("unregistered", command, 0, -EPERM);
		expect("", registration, 0, 0);
		expect("again", registration, 0, 0);
		expect("registered", command, 0, 0);
		registered |= registration;
	}
	if (commands & global_expedited) {
		expect("unregistered", global_expedited, 0, 0);
		expect("", register_global_expedited, 0, 0);
		expect("registered", global_expedited, 0, 0);
		registered |= register_global_expedited;
	}
	// Registered is the mm, not the thread.
	std::thread([&] {
		for (const auto &[command, registration] : pairs) {
			if (commands & command)
				expect("in another thread", command, 0, 0);
		}
		if (registrations)
			expect("in another thread", get_registrations, 0, registered);
	}).join();
	out.text = fmt::format("{} of {} calls returned what membarrier(2) says",
			       calls - wrong.size(), calls);
	out.counts = { { "calls", calls }, { "wrong", wrong } };
	if (!wrong.empty()) {
		out.verdict = HostCheck::violation;
		for (const std::string &each : wrong)
			out.text += "; " + each;
	}
	return out;
}

Checks all_checks(Shared &shared, Clock::time_point end)
{
	const int commands = membarrier(query);
	if (commands < 0) {
		const char *why = commands == -ENOSYS ? "this kernel has no membarrier(2)"
				  : commands == -EPERM
					  ? "membarrier(2) is not permitted here (seccomp?)"
					  : "membarrier(2) does not answer";
		return { { .verdict = HostCheck::note,
			   .what = "QUERY",
			   .text = fmt::format("{}: {}; nothing can be checked", why,
					       returned(commands)) } };
	}
	Checks checks{ query_check(commands) };
	const std::vector<int> cpus = usable_cpus();
	std::optional<Partners> partners;
	if (cpus.size() > 1)
		partners.emplace(shared, cpus);
	checks.push_back(api_check(commands));
	if (cpus.size() < 2) {
		checks.push_back({ .verdict = HostCheck::note,
				   .what = "CPUs",
				   .text = "one only: neither the order of memory accesses (A, B) "
					   "nor threads left out can be checked" });
		return checks;
	}
	if (!(commands & (private_expedited | global_expedited))) {
		checks.push_back({ .verdict = HostCheck::note,
				   .what = "CPUs",
				   .text = "no expedited command: nothing to check the order of" });
		return checks;
	}
	checks.push_back({ .what = "CPUs", .text = std::to_string(cpus.size()) });
	Experiment experiment(shared, cpus, commands);
	experiment.run(end);
	experiment.report(checks);
	return checks;
}

Json as_json(const Checks &checks)
{
	Json all = Json::array();
	for (const HostCheck &check : checks)
		all.push_back({ { "verdict", check.verdict },
				{ "what", check.what },
				{ "text", check.text },
				{ "counts", check.counts } });
	return all;
}

Checks from_json(const Json &all)
{
	Checks checks;
	for (const Json &one : all)
		checks.push_back({ .verdict = one["verdict"].get<HostCheck::Verdict>(),
				   .what = one["what"],
				   .text = one["text"],
				   .counts = one["counts"] });
	return checks;
}

[[noreturn]] void be_child(Shared &shared, Clock::time_point end, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	const std::string text = report::dump(as_json(all_checks(shared, end)));
	for (std::size_t done = 0; done < text.size();) {
		const ssize_t n = write(out, text.data() + done, text.size() - done);
		if (n < 0 && errno != EINTR)
			std::_Exit(1);
		done += n > 0 ? static_cast<std::size_t>(n) : 0;
	}
	std::_Exit(0);
}

/// All that the child says; a signal here is for the child too.
std::string listen(int in, Shared &shared)
{
	std::string text;
	char buffer[4096];
	for (;;) {
		if (Interrupt::raised())
			shared.stop.store(true, std::memory_order_relaxed);
		pollfd ready{ in, POLLIN, 0 };
		if (poll(&ready, 1, 50) <= 0)
			continue;
		const ssize_t n = read(in, buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return text;
		text.append(buffer, static_cast<std::size_t>(n));
	}
}

} // namespace

HostMembarrier check_host_membarrier(double seconds)
{
	const auto end =
		Clock::now() + std::chrono::duration_cast<Clock::duration>(
				       std::chrono::duration<double>(std::min(seconds, 1e6)));
	void *page = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ends[2];
	if (page == MAP_FAILED || pipe(ends) != 0)
		throw Failure(fmt::format("--membarrier: {}", std::strerror(errno)), kCannotTell);
	auto &shared = *new (page) Shared;
	const Interrupt interrupt;
	const pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		be_child(shared, end, ends[1]);
	}
	close(ends[1]);
	const std::string text = child > 0 ? listen(ends[0], shared) : "";
	close(ends[0]);
	int status = -1;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	munmap(page, sizeof(Shared));
	if (status != 0)
		throw Failure(fmt::format("--membarrier: the process that checks ended badly "
					  "(wait status {})",
					  status),
			      kCannotTell);
	return { .checks = from_json(Json::parse(text)), .interrupted = Interrupt::raised() };
}

#else

HostMembarrier check_host_membarrier(double)
{
	return { .checks = { { .verdict = HostCheck::note,
			       .what = "QUERY",
			       .text = "this is not Linux: nothing can be checked" } } };
}

#endif

} // namespace lazymm::command
