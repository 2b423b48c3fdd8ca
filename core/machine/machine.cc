// SPDX-License-Identifier: MIT
// A run from its beginning to its end: contexts, hand-overs. Its steps are in steps.cc, waits in
// wait.cc, what an access does in access.cc, free mode in free.cc.
#include "core/machine/machine.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>

#include "core/machine/bug.h"
#include "core/machine/free.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

namespace
{
constexpr Cpu *nobody = nullptr;
} // namespace

void harness_bug(const char *what)
{
	std::fprintf(stderr, "lazymm: bug in the harness: %s\n", what);
	std::abort();
}

Machine::Machine(Engine engine)
	: engine_(engine), executor_(engine == Engine::fibers ? make_fibers() : make_threads()),
	  tso_(std::make_unique<Tso>()), weak_(std::make_unique<Weak>()),
	  free_(std::make_unique<Free>())
{
	for (unsigned i = 0; i < kMaxContexts; i++)
		contexts_[i].index = i;
	executor_->adopt(main_);
}

Machine::~Machine()
{
	executor_->release(main_);
}

void Machine::reset(const Settings &settings)
{
	settings_ = settings;
	agreed_ = Clock{};
	steps_ = stores_ = 0;
	over_ = false;
	outcome_ = Outcome::completed;
	used_ = 0;
	taken_ = 0;
	if (settings.memory == Memory::weak)
		weak_->reset(settings.policy, settings.dependencies);
	for (unsigned i = 0; i < settings.cpus; i++) {
		Cpu &c = cpus_[i];
		c.fuel = c.reserve = c.granted = 0;
		c.held = 0;
		c.wrote = c.irqs_off = c.offered = false;
		c.preempt_count = c.hardirq_depth = 0;
		c.sections = c.sections_over = 0;
		c.quiescent_wanted = false;
		c.index = i;
		c.unit = c.known = Clock::unit(i);
		c.seen = c.published = c.fenced = c.seen_fenced = Clock{};
		c.machine = this;
		c.context = nullptr;
		c.task = nullptr;
		c.activity = Activity{};
		c.wait = nullptr;
		c.stuck_in = Wait{};
		c.held_back_until = 0;
		c.irq_first = 0;
		c.irq_count.store(0, std::memory_order_relaxed);
	}
}

/// Where every context begins and ends.
void Machine::body(void *arg)
{
	auto *context = static_cast<Context *>(arg);
	Machine *machine = context->cpu->machine;
	tsan::acquire(machine);
	const Body &body = machine->bodies_[context->index];
	try {
		body.fn(body.arg);
		// A body that returns has ended its script.
		Wait idle{ .ready = [](void *) { return false; },
			   .what = "nothing to do",
			   .idle = true };
		for (;;)
			machine->wait(idle);
	} catch (const Unwind &) {
	}
	tsan::release(&machine->main_);
}

Context &Machine::spawn(void (*entry)(void *), void *arg)
{
	const FreeLock lock(free_->contexts_locked, !stepped());
	const auto i = static_cast<unsigned>(std::countr_one(taken_));
	if (i == kMaxContexts)
		harness_bug("more tasks than contexts");
	taken_ |= 1u << i;
	used_ = std::max(used_, i + 1);
	Context &c = contexts_[i];
	bodies_[i] = { entry, arg };
	c.finish_to = &main_;
	c.unwinding = false;
	executor_->start(c, &Machine::body, &c);
	return c;
}

void Machine::retire(Context &context)
{
	if (context.state == Context::started)
		executor_->retire(t_cpu == nobody ? main_ : *this_cpu().context, context);
	const FreeLock lock(free_->contexts_locked, !stepped());
	context.state = Context::finished;
	taken_ &= ~(1u << context.index);
}

Outcome Machine::run(Context *const first[])
{
	for (unsigned i = 0; i < settings_.cpus; i++) {
		cpus_[i].context = first[i];
		first[i]->cpu = &cpus_[i];
	}
	tsan::release(this);
	if (!stepped()) {
		outcome_ = run_free(first);
	} else {
		for (unsigned i = 0; i < settings_.cpus; i++)
			begin_activity_on(cpus_[i], kNoOp);
		executor_->transfer(main_, *first[0], Edge::sync);
	}
	t_cpu = nobody;
	for (unsigned i = 0; i < used_; i++)
		retire(contexts_[i]);
	tsan::acquire(&main_);
	return outcome_;
}

void Machine::finish(Outcome outcome)
{
	outcome_ = outcome;
	over_ = true;
	// Waits stand on stacks that will be gone.
	for (unsigned i = 0; i < settings_.cpus; i++)
		if (cpus_[i].wait)
			cpus_[i].stuck_in = *cpus_[i].wait;
	if (!stepped())
		free_finish(outcome);
	executor_->transfer(*this_cpu().context, main_, Edge::sync);
	harness_bug("a context was resumed after the run had ended");
}

void Machine::stop_run()
{
	finish(Outcome::stopped);
}

void Machine::switch_context(Context &next)
{
	Cpu &cpu = this_cpu();
	drain(cpu);
	Context &from = *cpu.context;
	cpu.context = &next;
	next.cpu = &cpu;
	executor_->transfer(from, next, Edge::sync);
}

} // namespace lazymm::machine
