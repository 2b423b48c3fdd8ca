// SPDX-License-Identifier: MIT
// Runs, stops and waits: who moves next. What an access does is in access.cc, free mode in free.cc.
#include "core/machine/machine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/machine/free.h"
#include "core/machine/tsan.h"

namespace lazymm::machine
{

namespace
{
constexpr Cpu *nobody = nullptr;

[[noreturn]] void harness_bug(const char *what)
{
	std::fprintf(stderr, "lazymm: bug in the harness: %s\n", what);
	std::abort();
}

CpuSet bit(unsigned cpu)
{
	return 1u << cpu;
}
} // namespace

Machine::Machine(Engine engine)
	: engine_(engine), executor_(engine == Engine::fibers ? make_fibers() : make_threads()),
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
	for (unsigned i = 0; i < settings.cpus; i++) {
		Cpu &c = cpus_[i];
		c.fuel = c.granted = 0;
		c.wrote = c.irqs_off = c.offered = false;
		c.preempt_count = c.hardirq_depth = 0;
		c.sections = 0;
		c.index = i;
		c.unit = c.known = Clock::unit(i);
		c.seen = c.published = Clock{};
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
	unsigned i = 0;
	while (i < used_ && contexts_[i].state != Context::finished)
		i++;
	if (i == kMaxContexts)
		harness_bug("more tasks than contexts");
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
	context.state = Context::finished;
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

// --- accounting
// -----------------------------------------------------------------------------------

void Machine::settle(Cpu &cpu)
{
	std::uint32_t done = cpu.granted - cpu.fuel;
	cpu.activity.count += done;
	steps_ += done;
	cpu.granted = cpu.fuel = 0;
}

/// Lets the CPU make the accesses that nobody wants to hear of.
void Machine::grant(Cpu &cpu)
{
	settle(cpu); // what an interrupt's exit left over
	if (LAZYMM_TSAN || settings_.trace || !stepped() || steps_ >= kMaxAccesses)
		return;
	const Activity &a = cpu.activity;
	std::uint32_t until = std::min(a.ask_at, a.count + (kMaxAccesses - steps_) + 1);
	if (cpu.irq_count.load(std::memory_order_relaxed) && !cpu.irqs_off)
		until = std::min(until, cpu.held_back_until);
	cpu.fuel = cpu.granted = until > a.count + 1 ? until - a.count - 1 : 0;
}

void Machine::count_step(Cpu &cpu)
{
	settle(cpu);
	cpu.activity.count++;
	if (++steps_ > kMaxAccesses)
		finish(Outcome::limit);
}

std::uint32_t Machine::steps() const
{
	std::uint32_t n = steps_;
	for (unsigned i = 0; i < settings_.cpus; i++)
		n += cpus_[i].granted - cpus_[i].fuel;
	return n;
}

// --- activities
// -----------------------------------------------------------------------------------

void Machine::begin_activity_on(Cpu &cpu, std::uint16_t op)
{
	settle(cpu);
	cpu.activity = { op, 0, 0 };
	cpu.held_back_until = 0;
	if (stepped()) {
		tsan::Ignore ignore;
		cpu.activity.ask_at = settings_.policy->next_question(cpu);
	}
	grant(cpu);
}

void Machine::begin_activity(std::uint16_t op)
{
	begin_activity_on(this_cpu(), op);
}

Activity Machine::suspend_activity()
{
	Cpu &cpu = this_cpu();
	settle(cpu);
	return cpu.activity;
}

void Machine::resume_activity(const Activity &activity)
{
	Cpu &cpu = this_cpu();
	settle(cpu);
	cpu.activity = activity;
	cpu.held_back_until = 0;
	if (stepped()) {
		tsan::Ignore ignore;
		cpu.activity.ask_at = settings_.policy->next_question(cpu);
	}
	grant(cpu);
}

// --- who moves
/// Between two accesses an interrupt can come, and a section with preemption or interrupts off is
/// about to begin: the last chance to be preempted before its first access.
void Machine::point()
{
	Cpu &cpu = this_cpu();
	if (LAZYMM_TSAN || cpu.fuel == 0) [[unlikely]] {
		static const Access section{ .kind = AccessKind::wait, .what = "section begins" };
		return stop(section);
	}
	cpu.fuel--;
}

// ------------------------------------------------------------------------------------

bool Machine::irq_deliverable(const Cpu &cpu) const
{
	return cpu.irq_count.load(std::memory_order_relaxed) && !cpu.irqs_off;
}

bool Machine::movable(const Cpu &cpu) const
{
	return !cpu.wait || cpu.offered || irq_deliverable(cpu) || cpu.wait->ready(cpu.wait->arg);
}

CpuSet Machine::movable_others(const Cpu &cpu) const
{
	CpuSet set = 0;
	for (unsigned i = 0; i < settings_.cpus; i++)
		if (i != cpu.index && movable(cpus_[i]))
			set |= bit(i);
	return set;
}

/// The calling context's CPU stands still while `cpu` moves.
void Machine::go(unsigned cpu)
{
	Context &from = *this_cpu().context;
	Cpu &c = cpus_[cpu];
	c.context->cpu = &c;
	executor_->transfer(from, *c.context, Edge::none);
}

void Machine::switch_context(Context &next)
{
	Cpu &cpu = this_cpu();
	Context &from = *cpu.context;
	cpu.context = &next;
	next.cpu = &cpu;
	executor_->transfer(from, next, Edge::sync);
}

/// fuel ran out: the one place where a stepped run is bent.
void Machine::stop(const Access &access)
{
	if (!stepped())
		return free_stop(this_cpu());
	Cpu &cpu = this_cpu();
	count_step(cpu);
	if (cpu.activity.count >= cpu.activity.ask_at)
		ask(cpu, access);
	take_irqs(false);
	grant(this_cpu());
}

void Machine::ask(Cpu &cpu, const Access &access)
{
	Choice choice;
	CpuSet others = movable_others(cpu);
	{
		tsan::Ignore ignore;
		choice = settings_.policy->before_access(cpu, access, others);
		cpu.activity.ask_at = settings_.policy->next_question(cpu);
	}
	switch (choice.kind) {
	case Choice::go_on:
		break;
	case Choice::run:
		if (others & bit(choice.cpu))
			go(choice.cpu);
		break;
	case Choice::irq:
		if (cpu.irq_count.load(std::memory_order_relaxed))
			cpu.held_back_until = cpu.activity.count;
		else
			raise(cpu.index, &Machine::tick_irq, nullptr);
		break;
	case Choice::preempt:
		raise(cpu.index, &Machine::tick_irq, this);
		break;
	}
}

bool Machine::wait(const Wait &wait, const Where &where)
{
	if (!stepped())
		return free_wait(wait);
	count_step(this_cpu());
	if (settings_.trace) {
		Access access{ .kind = AccessKind::wait,
			       .what = wait.what,
			       .file = where.file_name(),
			       .line = where.line() };
		record(this_cpu(), access, 0, 0);
	}
	// Whom to let go first is decided at a position of its own: one that an interrupt handler's
	// access or the last such decision had would have two meanings.
	std::uint32_t own = this_cpu().activity.count;
	for (;;) {
		take_irqs(true);
		Cpu &cpu = this_cpu();
		if (wait.ready(wait.arg))
			break;
		settle(cpu);
		if (cpu.activity.count != own)
			count_step(cpu);
		own = 0;
		cpu.wait = &wait;
		if (CpuSet others = movable_others(cpu)) {
			unsigned next;
			{
				tsan::Ignore ignore;
				next = settings_.policy->next_cpu(cpu, others);
				cpu.activity.ask_at = settings_.policy->next_question(cpu);
			}
			if (!(others & bit(next)))
				harness_bug("a policy chose a CPU that cannot move");
			go(next);
		} else {
			nobody_moves();
		}
		cpu.wait = nullptr;
		if (cpu.offered) {
			cpu.offered = false;
			grant(cpu);
			return false;
		}
	}
	grant(this_cpu());
	return true;
}

/// Every CPU waits and none is ready. An unfinished task may have a CPU whose wait allows it; else
/// the run is over, and if somebody waits for more than work that is a proof: no CPU can move.
void Machine::nobody_moves()
{
	for (unsigned i = 0; i < settings_.cpus; i++) {
		Cpu &c = cpus_[i];
		if (!(c.wait->sleeps || c.wait->idle) || c.irqs_off || c.preempt_count)
			continue;
		if (!unfinished || !unfinished(*this, i))
			continue;
		c.offered = true;
		if (&c != &this_cpu())
			go(i);
		return;
	}
	bool all_idle = true, all_spin = true;
	for (unsigned i = 0; i < settings_.cpus; i++) {
		const Wait &w = *cpus_[i].wait;
		all_idle &= w.idle;
		all_spin &= w.idle || w.relax;
	}
	if (all_idle && hung && hung(*this))
		all_idle = all_spin = false;
	finish(all_idle ? Outcome::completed : all_spin ? Outcome::livelock : Outcome::deadlock);
}

/// Notes which CPUs have stored since the last look.
void Machine::look_at_stores(const Cpu *except)
{
	for (unsigned i = 0; i < settings_.cpus; i++) {
		if (&cpus_[i] != except && cpus_[i].wrote) {
			cpus_[i].wrote = false;
			stores_++;
		}
	}
}

void Machine::relax(const Where &where)
{
	struct Spin {
		Machine *machine;
		const Cpu *self;
		std::uint32_t stores;
	} spin{ this, &this_cpu(), 0 };
	look_at_stores(spin.self);
	spin.stores = stores_;
	Wait w{ .ready =
			[](void *arg) {
				auto *s = static_cast<Spin *>(arg);
				s->machine->look_at_stores(s->self);
				return s->machine->stores_ != s->stores;
			},
		.arg = &spin,
		.what = "cpu_relax",
		.relax = true };
	wait(w, where);
}

unsigned Machine::pick(unsigned n, const char *what, const Where &where)
{
	if (n < 2)
		return 0;
	if (!stepped())
		return free_pick(n);
	Access access{ .kind = AccessKind::wait,
		       .what = what,
		       .file = where.file_name(),
		       .line = where.line() };
	count_step(this_cpu());
	unsigned k;
	{
		tsan::Ignore ignore;
		k = settings_.policy->pick(this_cpu(), n) % n;
		this_cpu().activity.ask_at = settings_.policy->next_question(this_cpu());
	}
	if (settings_.trace)
		record(this_cpu(), access, n, k);
	grant(this_cpu());
	return k;
}

} // namespace lazymm::machine
