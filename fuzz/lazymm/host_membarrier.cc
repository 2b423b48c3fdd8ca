// SPDX-License-Identifier: MIT
#include "fuzz/lazymm/host_membarrier.h"

#include "fuzz/lazymm/failure.h"
#include "fuzz/lazymm/interrupt.h"

#include <fmt/format.h>

#if defined(__linux__)

#include "fuzz/lazymm/host_experiment.h"

#include <cstdlib>
#include <new>

#include <poll.h>
#include <sys/mman.h>

#endif

namespace lazymm::command
{

using report::Json;

#if defined(__linux__) && defined(SYS_membarrier)

namespace
{

using namespace host;

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
