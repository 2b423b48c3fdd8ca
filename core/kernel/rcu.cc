// SPDX-License-Identifier: MIT
#include "core/kernel/rcu.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "core/kernel/books.h"
#include "core/kernel/kernel.h"
#include "core/machine/tsan.h"

namespace lazymm::kernel
{

namespace
{
/// A CPU that is down, or goes down with its idle task, is quiescent.
bool watched(const Kernel &k, unsigned cpu)
{
	return k.hotplug[cpu].online.peek() != 0;
}

void begin(grace_period &gp)
{
	Machine &m = this_machine();
	gp.waiting = 0;
	gp.clock = {};
	// What the caller did before happens before every section that begins from now on, even if
	// it is in one itself (call_rcu() under a lock): a full barrier on its behalf.
	machine::Clock begun;
	m.quiescent(smp_processor_id(), begun);
	for (unsigned i = 0; i < m.cpus(); i++) {
		const machine::Cpu &c = m.cpu(i);
		// Our own section (call_rcu under a lock) is waited for like any other.
		if (c.in_section() && watched(kernel(), i)) {
			gp.waiting |= 1u << i;
			gp.section[i] = c.sections;
			m.want_quiescent(i);
		} else {
			m.quiescent(i, gp.clock);
		}
	}
}

/// Whether every section has ended. Looks only: who asks, and how often, is the machine's affair.
bool ended(const Kernel &k, const Machine &m, const grace_period &gp)
{
	for (unsigned i = 0; i < m.cpus(); i++) {
		const machine::Cpu &c = m.cpu(i);
		if (gp.waiting >> i & 1 && c.in_section() && c.sections == gp.section[i] &&
		    watched(k, i))
			return false;
	}
	return true;
}

/// It has ended: takes the quiescent states that it waited for.
void finish(Machine &m, grace_period &gp)
{
	for (unsigned i = 0; i < m.cpus(); i++)
		if (gp.waiting >> i & 1)
			m.quiescent(i, gp.clock);
	gp.waiting = 0;
}
} // namespace

void rcu_read_lock()
{
	preempt_disable();
}

void rcu_read_unlock()
{
	preempt_enable();
}

namespace
{
/// What TSan knows a callback by: its place moves. More than there can be at once.
const void *edge(const rcu_callback &cb)
{
	static char edges[2 * rcu_state::kCallbacks];
	return &edges[cb.number % std::size(edges)];
}
} // namespace

void call_rcu(void (*fn)(void *), void *arg, const char *what)
{
	const Books books;
	rcu_state &rcu = kernel().rcu;
	if (rcu.count == rcu_state::kCallbacks) {
		std::fprintf(stderr, "lazymm: bug in the harness: too many RCU callbacks\n");
		std::abort();
	}
	rcu_callback &cb = rcu.callbacks[rcu.count++];
	cb.fn = fn;
	cb.arg = arg;
	cb.what = what;
	cb.number = rcu.queued++;
	cb.queued = {};
	this_machine().release(cb.queued);
	begin(cb.gp);
	machine::tsan::release(edge(cb)); // what begin() took of others too
}

bool rcu_ready(Kernel &k)
{
	const Books books;
	for (unsigned i = 0; i < k.rcu.count; i++)
		if (ended(k, k.machine(), k.rcu.callbacks[i].gp))
			return true;
	return false;
}

bool rcu_pending()
{
	return rcu_ready(kernel());
}

void rcu_softirq()
{
	Kernel &k = kernel();
	rcu_state &rcu = k.rcu;
	// Softirqs run with preemption off, on one stack.
	preempt_disable();
	this_rq().softirq_running = true;
	for (;;) {
		unsigned ready[rcu_state::kCallbacks], n = 0;
		{
			const Books books;
			for (unsigned i = 0; i < rcu.count; i++)
				if (ended(k, k.machine(), rcu.callbacks[i].gp))
					ready[n++] = i;
		}
		if (!n)
			break;
		unsigned i = ready[this_machine().pick(n, "RCU callback")];
		rcu_callback cb;
		{
			const Books books;
			// Another CPU may have been at it while we picked.
			if (i >= rcu.count || !ended(k, k.machine(), rcu.callbacks[i].gp))
				continue;
			finish(k.machine(), rcu.callbacks[i].gp);
			cb = rcu.callbacks[i];
			for (unsigned j = i + 1; j < rcu.count; j++)
				rcu.callbacks[j - 1] = rcu.callbacks[j];
			rcu.count--;
			rcu.running++;
		}
		this_machine().acquire(cb.queued);
		this_machine().acquire(cb.gp.clock);
		machine::tsan::acquire(edge(cb));
		k.emit({ .kind = EventKind::rcu, .text = cb.what });
		cb.fn(cb.arg);
		const Books books;
		rcu.running--;
	}
	this_rq().softirq_running = false;
	preempt_enable();
}

void synchronize_rcu()
{
	struct Waiter {
		Kernel *kernel;
		grace_period gp;
	} w{ &kernel(), {} };
	begin(w.gp);
	sleep_until(
		[](void *arg) {
			auto *w = static_cast<Waiter *>(arg);
			return ended(*w->kernel, w->kernel->machine(), w->gp);
		},
		&w, "synchronize_rcu");
	finish(this_machine(), w.gp);
	this_machine().acquire(w.gp.clock);
	smp_mb("synchronize_rcu: returns");
}

grace_period get_state_synchronize_rcu()
{
	grace_period gp;
	begin(gp);
	return gp;
}

bool poll_state_synchronize_rcu(const grace_period &gp)
{
	return ended(kernel(), this_machine(), gp);
}

void rcu_barrier_5_18()
{
	struct Waiter {
		Kernel *kernel;
		std::uint32_t before;
		/// Callbacks that were queued before, and are not over.
		bool left() const
		{
			bool any = kernel->rcu.running;
			for (unsigned i = 0; i < kernel->rcu.count; i++)
				any |= kernel->rcu.callbacks[i].number < before;
			return any;
		}
	};
	Waiter w{ &kernel(), kernel().rcu.queued };
	auto go_on = [](void *arg) {
		auto *w = static_cast<Waiter *>(arg);
		return !w->left() || rcu_ready(*w->kernel);
	};
	while (w.left()) {
		sleep_until(go_on, &w, "rcu_barrier");
		rcu_softirq();
	}
}

void rcu_barrier()
{
	cpus_read_lock();
	rcu_barrier_5_18();
	cpus_read_unlock();
}

} // namespace lazymm::kernel
