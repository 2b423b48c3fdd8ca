// SPDX-License-Identifier: MIT
#include "core/harness/run.h"

#include <algorithm>
#include <cstring>

#include "core/harness/decider.h"
#include "core/harness/in_turn.h"
#include "core/harness/script.h"
#include "core/harness/strategy.h"
#include "core/kernel/kernel.h"
#include "core/machine/site.h"
#include "core/schemes/registry.h"

namespace lazymm
{

const Schedule *running()
{
	const kernel::Kernel *kernel = kernel::t_kernel;
	// Not the kernel of a run that is over, nor a machine without one.
	if (!kernel || !machine::t_cpu || machine::t_cpu->machine->user != kernel)
		return nullptr;
	const auto *script = dynamic_cast<const Script *>(kernel->config().driver);
	return script ? &script->schedule() : nullptr;
}

struct Runner::Parts {
	explicit Parts(Engine engine) : machine(engine), kernel(machine) {}

	machine::Machine machine;
	kernel::Kernel kernel;
	std::vector<std::unique_ptr<oracles::Oracle>> oracles = oracles::make_all();
	std::unique_ptr<Strategy> strategies[schedule::kStrategies];
	std::unique_ptr<Strategy> in_turn = make_in_turn();
	Decider decider;
	Script script;
	Result result;

	// What prepare() found.
	std::string scheme_name, bug_name;
	std::vector<std::string> weakened;
	std::unique_ptr<kernel::Scheme> scheme;
	const char *bug_weakens = nullptr;
	std::vector<std::string> filter;
	bool filter_known = false;

	void weaken(bool on);
	void select_oracles(const std::vector<std::string> &names);
	Strategy *strategy(const Schedule &schedule, bool one_by_one);
};

Runner::Runner(Engine engine) : parts_(std::make_unique<Parts>(engine)) {}

Runner::~Runner()
{
	parts_->weaken(false);
}

void Runner::Parts::weaken(bool on)
{
	for (machine::Site *s = machine::Site::first(); s; s = s->next()) {
		bool mine = bug_weakens && !std::strcmp(bug_weakens, s->name());
		for (const std::string &name : weakened)
			mine |= name == s->name();
		if (mine)
			s->weaken(on);
	}
}

std::optional<Refusal> Runner::prepare(const Schedule &schedule)
{
	Parts &p = *parts_;
	if (p.scheme && p.scheme_name == schedule.scheme && p.bug_name == schedule.bug &&
	    p.weakened == schedule.weaken)
		return {};
	const schemes::SchemeInfo *scheme = schemes::find_scheme(schedule.scheme);
	if (!scheme)
		return Refusal{
			"unknown scheme '" + schedule.scheme + "'; see: lazymm list schemes", true
		};
	const schemes::BugInfo *bug = nullptr;
	if (!schedule.bug.empty()) {
		bug = schemes::find_bug(schedule.bug);
		if (!bug)
			return Refusal{ "unknown bug '" + schedule.bug + "'; see: lazymm list bugs",
					true };
		if (schedule.scheme != bug->scheme)
			return Refusal{ "bug '" + schedule.bug + "' is planted in scheme '" +
					bug->scheme + "', not in '" + schedule.scheme + "'" };
	}
	for (const std::string &name : schedule.weaken)
		if (!machine::Site::find(name))
			return Refusal{ "unknown site '" + name + "'; see: lazymm list sites",
					true };
	p.weaken(false);
	p.scheme_name = schedule.scheme;
	p.bug_name = schedule.bug;
	p.weakened = schedule.weaken;
	p.scheme = bug && bug->make ? bug->make() : scheme->make();
	p.bug_weakens = bug ? bug->weaken : nullptr;
	p.weaken(true);
	return {};
}

void Runner::Parts::select_oracles(const std::vector<std::string> &names)
{
	if (filter_known && filter == names)
		return;
	filter = names;
	filter_known = true;
	kernel.unwatch_all();
	for (auto &oracle : oracles)
		if (names.empty() ||
		    std::find(names.begin(), names.end(), oracle->name()) != names.end())
			kernel.watch(oracle.get(), oracle->events());
}

Strategy *Runner::Parts::strategy(const Schedule &schedule, bool one_by_one)
{
	if (!schedule.search)
		return nullptr;
	auto &s =
		one_by_one ? in_turn : strategies[static_cast<unsigned>(schedule.search->strategy)];
	if (!s)
		s = make_strategy(schedule.search->strategy);
	RunShape shape;
	shape.cpus = schedule.cpus.size();
	shape.expected_accesses = 0;
	for (unsigned i = 0; i < shape.cpus; i++) {
		shape.ops[i] = schedule.cpus[i].size();
		shape.expected_accesses += 15 * shape.ops[i];
	}
	s->begin(schedule.search->seed, shape);
	return s.get();
}

const Result &Runner::run(const Schedule &schedule, const RunOptions &options)
{
	Parts &p = *parts_;
	Result &r = p.result;
	r.outcome = Outcome::completed;
	r.finding.reset();
	r.taken.clear();
	r.unanchored = false;
	r.trace.reset();
	if (options.record)
		r.trace.emplace();

	p.select_oracles(options.oracles);
	if (options.observer) {
		p.kernel.watch(options.observer, options.observer->events());
		p.filter_known = false;
	}
	p.script.begin(schedule);
	p.decider.begin(p.script.ops(), p.strategy(schedule, options.in_turn), r);
	p.machine.reset({ .cpus = static_cast<unsigned>(schedule.cpus.size()),
			  .mode = options.mode,
			  .memory = static_cast<machine::Memory>(schedule.memory),
			  .policy = &p.decider,
			  .trace = r.trace ? &*r.trace : nullptr });
	for (auto &oracle : p.oracles) {
		oracle->forget();
		oracle->begin(p.kernel);
	}
	if (options.observer)
		options.observer->begin(p.kernel);
	kernel::Protocol protocol = p.scheme->protocol();
	if (schedule.hotplug == schedule::Hotplug::h1)
		protocol = kernel::Protocol::h1;
	else if (schedule.hotplug == schedule::Hotplug::h3)
		protocol = kernel::Protocol::h3;
	kernel::ArchKind arch = p.scheme->arch();
	if (schedule.arch != schedule::Arch::scheme)
		arch = static_cast<kernel::ArchKind>(static_cast<unsigned>(schedule.arch) - 1);
	p.kernel.boot({ .cpus = static_cast<unsigned>(schedule.cpus.size()),
			.protocol = protocol,
			.arch = arch,
			.memory = schedule.mm == schedule::MmMemory::heap ? kernel::MmMemory::heap
									  : kernel::MmMemory::pool,
			.mm_cid = p.script.compacts_cids(),
			.scheme = p.scheme.get(),
			.driver = &p.script });
	r.outcome = p.kernel.run();
	r.accesses = p.machine.steps();
	std::memcpy(r.features, p.kernel.features, sizeof r.features);
	std::memcpy(r.busy_ops, p.kernel.busy_ops, sizeof r.busy_ops);

	for (auto &oracle : p.oracles) {
		bool selected = options.oracles.empty() ||
				std::find(options.oracles.begin(), options.oracles.end(),
					  oracle->name()) != options.oracles.end();
		if (!selected)
			continue;
		oracle->end(p.kernel, r.outcome);
		if (const Finding *f = oracle->finding(); f && !r.finding)
			r.finding = *f;
	}
	if (options.observer)
		options.observer->end(p.kernel, r.outcome);
	return r;
}

const kernel::Recent &Runner::recent() const
{
	return parts_->kernel.recent;
}

Schedule made_explicit(const Schedule &schedule, const Result &result)
{
	Schedule out = schedule;
	out.search.reset();
	std::vector<schedule::Op *> ops;
	for (auto &script : out.cpus)
		for (schedule::Op &op : script) {
			op.decisions.clear();
			ops.push_back(&op);
		}
	for (const Taken &t : result.taken)
		if (ops[t.op]->decisions.size() < schedule::kMaxDecisions)
			ops[t.op]->decisions.push_back(t.decision);
	return out;
}

} // namespace lazymm
