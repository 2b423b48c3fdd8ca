// SPDX-License-Identifier: MIT
#include "core/report/words.h"

#include "core/kernel/types.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace lazymm::report
{

using kernel::EventKind;
using kernel::Holder;
using kernel::KernelEvent;
using machine::AccessKind;
using machine::Event;
using machine::Order;

namespace
{

/// Handles (kernel/ref.h) have slot, generation and number; whatever else a word holds is small.
bool is_handle(std::uint64_t word)
{
	return word >> 32 || ((word & 0xffff) == 1 && word >> 16 > 0 && word >> 16 < 0x8000);
}

bool names_task(std::string_view location)
{
	return location == "curr" || location.starts_with("pid");
}

bool names_mm(std::string_view location)
{
	return location == "mm" || location.ends_with("_mm");
}

bool is_lock(std::string_view location)
{
	return location.ends_with("lock");
}

std::string lock_text(const Event &event, const std::string &where)
{
	if (event.kind == AccessKind::store)
		return "spin_unlock(" + where + ")";
	return event.before ? where + " is taken" : "spin_lock(" + where + ")";
}

std::string barrier_text(const char *function, const Event &event)
{
	return event.site ? fmt::format("{}() /* {} */", function, event.site)
			  : fmt::format("{}()", function);
}

std::string holder_text(const KernelEvent &event, unsigned cpu)
{
	const char *what = event.holder == Holder::lazy	   ? "lazy"
			   : event.holder == Holder::users ? "users"
							   : kernel::name(event.holder);
	if (event.holder_id < 0)
		return what;
	if (event.holder != Holder::lazy && event.holder != Holder::mailbox)
		return fmt::format("{} {}", what, kernel::task_name(event.holder_id));
	return event.holder_id == static_cast<int>(cpu)
		       ? what
		       : fmt::format("{} CPU{}", what, event.holder_id);
}

std::string count_text(const KernelEvent &event, int before, unsigned cpu)
{
	return fmt::format("{}.mm_count {} -> {} ({})", mm_name(event.mm), before, event.count,
			   holder_text(event, cpu));
}

std::string users_text(const KernelEvent &event, int before)
{
	return fmt::format("{}.mm_users {} -> {}", mm_name(event.mm), before, event.count);
}

/// init_mm is never freed, so who counts it is of no interest, unless too few do.
bool is_init_mm(const KernelEvent &event)
{
	return event.mm && event.mm.number() == 0 && event.count > 0;
}

} // namespace

std::string mm_name(kernel::mm_ref mm)
{
	if (!mm)
		return "NULL";
	const std::string name = mm.number() ? fmt::format("mm{}", mm.number()) : "init_mm";
	return mm.is_tagged() ? name + " | 1" : name;
}

std::string value_text(const Event &event, std::uint64_t word)
{
	const std::string_view location = event.name;
	if (names_task(location) && word)
		return kernel::task_name(
			machine::Shared<kernel::task_ref>::from_word(word).number());
	if (is_handle(word))
		return mm_name(machine::Shared<kernel::mm_ref>::from_word(word));
	if (word == 0 && (names_mm(location) || names_task(location)))
		return "NULL";
	return std::to_string(static_cast<std::int32_t>(word));
}

namespace
{
std::string what_is_done(const Event &event)
{
	const std::string where = machine::location_name(event.name, event.owner);
	const std::string now = value_text(event, event.after);
	switch (event.kind) {
	case AccessKind::load:
		return fmt::format("{}({}) = {}",
				   event.order == Order::relaxed ? "READ_ONCE" : "smp_load_acquire",
				   where, now);
	case AccessKind::store:
		if (is_lock(event.name) && event.order == Order::release)
			return lock_text(event, where);
		return fmt::format("{}({}, {})",
				   event.order == Order::relaxed ? "WRITE_ONCE"
								 : "smp_store_release",
				   where, now);
	case AccessKind::rmw:
		if (is_lock(event.name) && event.order == Order::acquire)
			return lock_text(event, where);
		return fmt::format("{}: {} -> {}", where, value_text(event, event.before), now);
	case AccessKind::mb:
		return barrier_text("smp_mb", event);
	case AccessKind::rmb:
		return barrier_text("smp_rmb", event);
	case AccessKind::wmb:
		return barrier_text("smp_wmb", event);
	case AccessKind::plain_load:
		return fmt::format("reads {} = {}", where, now);
	case AccessKind::plain_store:
		return fmt::format("{} = {}", where, now);
	case AccessKind::drain:
		return fmt::format("{} = {} reaches memory", where, now);
	case AccessKind::wait:
		break;
	}
	if (is_pick(event))
		return fmt::format("picks {} of {}: {}", event.after + 1, event.before, event.name);
	return fmt::format("waits: {}", event.name);
}

std::string reordering_text(const Event &event)
{
	switch (event.reordering) {
	case Event::Reordering::none:
		return "";
	case Event::Reordering::older:
		return fmt::format(" (older by {})", event.by);
	case Event::Reordering::under:
		return fmt::format(" (under {} newer)", event.by);
	case Event::Reordering::held:
		return " (held in the store buffer)";
	}
	return "";
}
} // namespace

std::string access_text(const Event &event)
{
	return what_is_done(event) + reordering_text(event);
}

std::string note_text(const KernelEvent &event, unsigned cpu)
{
	switch (event.kind) {
	case EventKind::grab:
		return is_init_mm(event) ? "" : count_text(event, event.count - event.value, cpu);
	case EventKind::drop:
		return is_init_mm(event) ? "" : count_text(event, event.count + event.value, cpu);
	case EventKind::users_get:
		return users_text(event, event.count - 1);
	case EventKind::users_put:
		return users_text(event, event.count + 1);
	case EventKind::warn:
		return fmt::format("WARN: {}", event.text);
	case EventKind::bug:
		return fmt::format("BUG: {}", event.text);
	case EventKind::rcu:
		return fmt::format("RCU: {}", event.text);
	case EventKind::none:
	case EventKind::mm_alloc: // fork and exec say what they made
	case EventKind::task_new:
	case EventKind::quiescence:
	case EventKind::user_mode:
		return "";
	default:
		return kernel::describe(event);
	}
}

const char *name(AccessKind kind)
{
	constexpr std::array names = { "load", "store",	     "rmw",	    "mb",    "rmb",
				       "wmb",  "plain_load", "plain_store", "drain", "wait" };
	static_assert(names.size() == static_cast<std::size_t>(AccessKind::wait) + 1);
	return names[static_cast<std::size_t>(kind)];
}

const char *name(Order order)
{
	constexpr std::array names = { "relaxed", "acquire", "release", "full" };
	return names[static_cast<std::size_t>(order)];
}

const char *name(EventKind kind)
{
	constexpr std::array names = { "none",
				       "mm_alloc",
				       "grab",
				       "drop",
				       "users_get",
				       "users_put",
				       "free_tables",
				       "free_pgd",
				       "free_mm",
				       "load_mm",
				       "set_active",
				       "switched",
				       "lazy_hold",
				       "mmdrop_context",
				       "use_after_free",
				       "warn",
				       "bug",
				       "tlb",
				       "stale_tlb",
				       "walk_freed",
				       "task_new",
				       "task_dead",
				       "hotplug",
				       "ipi",
				       "rcu",
				       "user_store",
				       "user_placed",
				       "user_load",
				       "user_mode",
				       "user_barrier",
				       "user_code",
				       "patched",
				       "core_serialised",
				       "mm_cid",
				       "mm_cid_put",
				       "membarrier_call",
				       "membarrier_return",
				       "membarrier_registered",
				       "ipi_wait_context",
				       "quiescence",
				       "page_table" };
	static_assert(names.size() == kernel::kEventKinds);
	return names[static_cast<std::size_t>(kind)];
}

} // namespace lazymm::report
