// SPDX-License-Identifier: MIT
// mm-count (V3): no reference to an mm is dropped twice, none is forgotten. The verdict is by
// numbers, mm_count and mm_users against what the scheme's own rules call for; the ledger says
// which reference it was.
#include "core/oracles/ledger.h"
#include "core/oracles/oracle.h"

namespace lazymm::oracles
{

namespace
{

using kernel::EventKind;
using kernel::KernelEvent;
using kernel::mm_ref;

/// mm_users references by their holders, per slot: user tasks by their mm, and what `get` and
/// `use_mm` took. One pass over the tasks.
struct UsersDue {
	std::uint8_t of[kernel::kMms] = {};

	explicit UsersDue(kernel::Kernel &kernel)
	{
		for (unsigned i = 0; i < kernel::kTasks; i++) {
			kernel::task_struct &task = kernel.task(i);
			if (!task.allocated)
				continue;
			// Between kthread_use_mm and kthread_unuse_mm ->mm is no reference of its
			// own.
			if (!task.used)
				count(task.mm.peek());
			count(task.used);
			count(task.got);
		}
	}

private:
	void count(mm_ref mm)
	{
		if (mm)
			of[mm.slot()]++;
	}
};

class MmCount final : public Oracle
{
public:
	const char *name() const override { return "mm-count"; }
	const char *promise() const override
	{
		return "every reference to an mm is dropped exactly once, and the last one frees "
		       "it";
	}
	std::uint64_t events() const override
	{
		return bit(EventKind::grab) | bit(EventKind::drop) | bit(EventKind::users_get) |
		       bit(EventKind::users_put) | bit(EventKind::free_mm);
	}

	void begin(kernel::Kernel &kernel) override
	{
		kernel_ = &kernel;
		ledger_.begin(kernel);
	}

	void on(const KernelEvent &event) override
	{
		if (event.kind == EventKind::grab)
			ledger_.post(event, event.value);
		else if (event.kind == EventKind::drop)
			ledger_.post(event, -event.value);
		judge(event);
	}

	/// The numbers that it goes by are what atomic operations returned.
	void on_free(const KernelEvent &event) override { judge(event); }

	void end(kernel::Kernel &kernel, machine::Outcome outcome) override
	{
		if (outcome != machine::Outcome::completed)
			return;
		const UsersDue users(kernel);
		for (unsigned slot = 0; slot < kernel::kMms && !finding(); slot++)
			if (kernel.mm_allocated(slot))
				balance(kernel, kernel.ref(kernel.mm(slot), slot), users.of[slot]);
	}

private:
	void judge(const KernelEvent &event)
	{
		switch (event.kind) {
		case EventKind::grab:
			if (event.count - event.value < 1) [[unlikely]]
				speak(event, "grab-after-zero", grab_text(event));
			break;
		case EventKind::drop:
			if (event.count < 1) [[unlikely]]
				on_last(event);
			break;
		case EventKind::users_get:
			if (event.count < 2) [[unlikely]]
				speak(event, "mmget-after-zero",
				      mm_name(event.mm) +
					      " got a user after its last one had gone.");
			break;
		case EventKind::users_put:
			if (event.count < 0) [[unlikely]]
				speak(event, "mm-users",
				      "mmput() of " + mm_name(event.mm) +
					      ", whose last user had already gone.");
			break;
		case EventKind::free_mm:
			if (event.mm.unchecked()->mm_users.peek() > 0) [[unlikely]]
				speak(event, "live-mm-freed", freed_text(event.mm));
			break;
		default:
			break;
		}
	}

	/// mm_count has fallen to zero, or below.
	void on_last(const KernelEvent &event)
	{
		const mm_ref mm = event.mm;
		if (event.count < 0 || mm.slot() == 0)
			speak(event, "underflow", underflow_text(event));
		// Not yet freed, but nothing can stop it any more.
		if (mm.valid() && mm.unchecked()->mm_users.peek() > 0)
			speak(event, "live-mm-freed", freed_text(mm));
	}

	std::string underflow_text(const KernelEvent &event)
	{
		std::string text = cpu_name(event.cpu) + " drops " +
				   reference_name(event.holder, event.holder_id) + " to " +
				   mm_name(event.mm) + ", mm_count " +
				   std::to_string(event.count + event.value) + " -> " +
				   std::to_string(event.count) + ".";
		return text + ledger_.never_taken(event.mm);
	}

	static std::string grab_text(const KernelEvent &event)
	{
		return cpu_name(event.cpu) + " takes " +
		       reference_name(event.holder, event.holder_id) + " to " + mm_name(event.mm) +
		       ", whose mm_count had fallen to " +
		       std::to_string(event.count - event.value) + ".";
	}

	std::string freed_text(mm_ref mm)
	{
		return mm_name(mm) + " is freed with mm_users " +
		       std::to_string(mm.unchecked()->mm_users.peek()) + "." + ledger_.missing(mm);
	}

	/// At quiescence.
	void balance(kernel::Kernel &kernel, mm_ref mm, int users_due)
	{
		const int count = kernel.mm(mm.slot()).mm_count.peek();
		// Every CPU that goes off line and comes back may leave a count on init_mm
		// (Lutomirski 2022: harmless).
		if (mm.slot() == 0) {
			if (count < 1)
				say(mm, "underflow",
				    "mm_count of init_mm is " + std::to_string(count) +
					    " at the end." + ledger_.never_taken(mm));
			return;
		}
		const int users = kernel.mm(mm.slot()).mm_users.peek();
		const int due = kernel.scheme().expected_mm_count(kernel, mm);
		if (count == due && users == users_due && count > 0) [[likely]]
			return;
		auto numbers = [&](const char *what, int is, int ought) {
			return std::string(what) + " of " + mm_name(mm) + " is " +
			       std::to_string(is) + " at the end and ought to be " +
			       std::to_string(ought) + ".";
		};
		if (count > due)
			say(mm, "leak",
			    numbers("mm_count", count, due) + ledger_.never_dropped(mm));
		else if (count < due)
			say(mm, "missing-reference",
			    numbers("mm_count", count, due) + ledger_.missing(mm));
		else if (users != users_due)
			say(mm, "mm-users", numbers("mm_users", users, users_due));
		else
			say(mm, "never-freed",
			    "nobody holds " + mm_name(mm) + " at the end, and it was never freed.");
	}

	void say(mm_ref mm, const char *kind, std::string text)
	{
		speak_at_end(kind, std::move(text), -1, static_cast<int>(mm.number()));
	}

	kernel::Kernel *kernel_ = nullptr;
	Ledger ledger_;
};

REGISTER_ORACLE(MmCount);

} // namespace
} // namespace lazymm::oracles
